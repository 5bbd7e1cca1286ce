"""Values in, SVG out, for the page and for reports: colours and type are the style sheet's, by class."""
