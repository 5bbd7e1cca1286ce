"""The nouns: frozen values of the standard library only, shared by every room.

`news` is what we read, `language` what the analyst wrote, `alerts` what we conclude, `polling` how a feed is
doing.
"""
