"""The one written form of what offices write in several ways: ethnic groups and levels of education. Tables; pure.

An ethnic group that is not in the list is refused by name. A level of education that is not is kept as it was written:
schools and certificates come and go.
"""

from __future__ import annotations

from collections.abc import Mapping

# GB/T 3304, in its order.
_GB_T_3304 = (
    "汉族、蒙古族、回族、藏族、维吾尔族、苗族、彝族、壮族、布依族、朝鲜族、满族、侗族、瑶族、白族、土家族、哈尼族、哈萨克族、傣族、黎族、"
    "傈僳族、佤族、畲族、高山族、拉祜族、水族、东乡族、纳西族、景颇族、柯尔克孜族、土族、达斡尔族、仫佬族、羌族、布朗族、撒拉族、毛南族、"
    "仡佬族、锡伯族、阿昌族、普米族、塔吉克族、怒族、乌孜别克族、俄罗斯族、鄂温克族、德昂族、保安族、裕固族、京族、塔塔尔族、独龙族、"
    "鄂伦春族、赫哲族、门巴族、珞巴族、基诺族"
)
ETHNIC_GROUPS = tuple(_GB_T_3304.split("、"))
# What registers have beside the list: a people not yet identified, naturalised citizens.
BESIDE = ("穿青人", "外国血统中国籍人士", "其他")
OTHER_WRITINGS: Mapping[str, str] = {
    "蒙": "蒙古族",
    "蒙族": "蒙古族",
    "维": "维吾尔族",
    "维族": "维吾尔族",
    "哈": "哈萨克族",
    "哈族": "哈萨克族",
    "朝": "朝鲜族",
    "朝族": "朝鲜族",
    "鲜族": "朝鲜族",
    "土家": "土家族",
    "僮族": "壮族",
    "僳僳族": "傈僳族",
    "毛难族": "毛南族",
    "崩龙族": "德昂族",
    "仫佬": "仫佬族",
    "乌兹别克族": "乌孜别克族",
    "穿青": "穿青人",
    "入籍": "外国血统中国籍人士",
}
ETHNIC: Mapping[str, str] = {
    **{name: name for name in (*ETHNIC_GROUPS, *BESIDE)},
    **{name.removesuffix("族"): name for name in ETHNIC_GROUPS},
    **OTHER_WRITINGS,
}

_EDUCATION: Mapping[str, tuple[str, ...]] = {
    "博士研究生": ("博士", "研究生博士", "博士学历"),
    "硕士研究生": ("硕士", "研究生硕士", "硕士学历"),
    "研究生": ("研究生学历", "研究生及以上"),
    "大学本科": ("本科", "大学", "本科学历", "大本", "全日制本科", "在职本科", "大学学历"),
    "大专": ("专科", "大学专科", "大学专科和专科学校", "大专学历", "专科学历"),
    "中专": ("中等专科", "中等专业学校", "中专学历", "中专中技"),
    "技校": ("技工学校", "中技"),
    "高中": ("普通高中", "高中学历", "普高"),
    "职高": ("职业高中", "职业中学"),
    "初中": ("初级中学", "初中学历", "普通初中"),
    "小学": ("小学学历",),
    "文盲": ("文盲或半文盲", "半文盲", "文盲半文盲"),
}
EDUCATION_WORDS = tuple(_EDUCATION)
EDUCATION: Mapping[str, str] = {writing: word for word, writings in _EDUCATION.items() for writing in (word, *writings)}


def ethnic_group(text: str) -> str | None:
    """汉 and 汉族 are 汉族; None for what is no ethnic group. The empty text stays empty."""
    return ETHNIC.get(text.replace(" ", "")) if text else ""


def education(text: str) -> str:
    """本科, 大学 and 大学本科 are 大学本科; an unknown word stays as it is."""
    return EDUCATION.get(text.replace(" ", ""), text)
