# SPDX-License-Identifier: Apache-2.0
"""Photographs without labels: how ours differ from them, and a camera that is fitted to them.

`pictures` finds and reads files; `sharpness`, `noise`, `coding`, `tone` and `quad` measure one
picture each in a way of their own; `measure` brings them together. `distances`, `gap` and `chart`
compare two sets of pictures; `marginal`, `tilt` and `fit` find distributions of parameters under
which ours come near; `match` does it in rounds.
"""
