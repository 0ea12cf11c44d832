"""The risk screen: cues of a lexicon, a sentence classifier, and the worker's own state."""
