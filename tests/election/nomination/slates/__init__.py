"""The corner slates of the room nomination."""
