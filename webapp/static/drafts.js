// The drafts that this browser keeps, by name: { number, values, labels }. In its database, because what is written there is on the
// disk at once: the browser may be killed the next moment. Knows nothing of forms.
const NAME = "drafts";

let opened = null;
const database = () => (opened ??= new Promise((resolve, reject) => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(NAME);
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
}));

// One transaction; resolves to what `work` asked for once it is on the disk.
const within = async (mode, work) => {
  const transaction = (await database()).transaction(NAME, mode, { durability: "strict" });
  const asked = work(transaction.objectStore(NAME));
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
  return asked.result;
};

const beginning = (stem) => IDBKeyRange.bound(stem, `${stem}\uffff`);

export const names = (stem = "") => within("readonly", (store) => store.getAllKeys(beginning(stem)));
export const read = (name) => within("readonly", (store) => store.get(name));
export const write = (name, draft) => within("readwrite", (store) => store.put(draft, name));
export const remove = (name) => within("readwrite", (store) => store.delete(name));
export const wipe = (stem = "") => within("readwrite", (store) => store.delete(beginning(stem)));
