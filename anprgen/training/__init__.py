# SPDX-License-Identifier: Apache-2.0
"""Training a reader with PyTorch: nothing else of anprgen needs it.

``recipe`` says what is trained on what, ``crops`` holds the pictures, ``network`` is the network,
``augment`` changes pictures a little, ``loop`` goes through the steps, ``to_onnx`` writes the
model's file and ``cost`` tells what it costs; ``run`` puts them together.
"""
