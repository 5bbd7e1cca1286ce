"""Hits in, decisions out: which incident a hit belongs to, whether there is something new to say, and the words to say it in.

Pure: `now` is an argument, nothing is read or written here. `correlate` joins hits to incidents, `calendar` knows the days that matter,
`origin` reads who the news comes from, `decide` gives a reason to speak or not, `render` puts an alert into words.
"""
