# SPDX-License-Identifier: Apache-2.0
"""What each network takes and gives: sizes, colours, numbers, classes. Data, no code that acts.

Every figure was read in the network's own source or documents; each preset says where.
"""

from __future__ import annotations

from dataclasses import dataclass

from anprgen.errors import DatasetError

_DIGITS = "0123456789"
_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Decode:
    """How the network's output becomes text (or boxes).

    `kind`: ``ctc`` (repeats merged, blanks dropped), ``slots`` (a class a place, padding dropped),
    ``eos`` (a class a place up to the end of the sequence) or ``boxes``. `special` says which class
    is no character: ``first`` (before the characters), ``last`` or ``none``. `space_last` adds a
    class for the space after the characters. `max_length` is the longest text of the network's
    usual configuration; `output` is the output to read, where there are several.
    """

    kind: str
    special: str = "none"
    pad: str = ""
    space_last: bool = False
    max_length: int = 0
    output: str = ""


@dataclass(frozen=True)
class Preset:
    """A network's input and output.

    A number of the tensor is ``(x / divisor - mean) / std`` for x in 0..255. `dtypes` are the
    variants to write, the network's usual one first. `resize`: ``stretch``, ``letterbox`` (centred,
    padded with `pad_value`) or ``right_pad`` (padded with zeros after the normalisation).
    `interpolation`: ``opencv-linear``, ``opencv-area-or-linear`` (area where it shrinks) or
    ``pillow-bicubic``. `charset` is empty where the network has no usual one: then it is that of
    the dataset, as the exports write it. With a `floor` a picture is standardised by itself: less
    its mean, by its standard deviation + `floor`.
    """

    name: str
    title: str
    source: str
    input: str
    height: int
    width: int
    colour: str
    layout: str
    dtypes: tuple[str, ...]
    divisor: float
    mean: float
    std: float
    resize: str
    interpolation: str
    decode: Decode
    charset: str = ""
    pad_value: int = 0
    floor: float = 0.0

    @property
    def channels(self) -> int:
        """1 for GRAY, else 3."""
        return 1 if self.colour == "GRAY" else 3

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one sample's tensor, in the preset's layout."""
        if self.layout == "NHWC":
            return self.height, self.width, self.channels
        return self.channels, self.height, self.width

    @property
    def is_detector(self) -> bool:
        """Whether the network finds plates in whole pictures instead of reading them."""
        return self.decode.kind == "boxes"


PRESETS = {
    preset.name: preset
    for preset in (
        Preset(
            name="fast-plate-ocr",
            title="fast-plate-ocr 1.x, default Latin configuration",
            source="fast_plate_ocr/core/process.py (cv2.resize, linear; uint8 NHWC; the first layer"
            " normalises), cli/export.py (input name `input`), config/default_latin_plate_config"
            " (9 slots, 0-9A-Z and _, 64x128 RGB); its export writes float32 inputs of 0..255 too",
            input="input",
            height=64,
            width=128,
            colour="RGB",
            layout="NHWC",
            dtypes=("uint8", "float32"),
            divisor=1.0,
            mean=0.0,
            std=1.0,
            resize="stretch",
            interpolation="opencv-linear",
            charset=_DIGITS + _UPPER,
            decode=Decode("slots", special="last", pad="_", max_length=9),
        ),
        Preset(
            name="lprnet-tao",
            title="NVIDIA TAO LPRNet",
            source="tao_deploy cv/lprnet/dataloader.py (cv2.imread's BGR, cv2.resize, / 255, CHW),"
            " cv/lprnet/utils.py (repeats merged, blank is the last class), TAO documents, trtexec"
            " with LPRNet (input image_input, 3x48x96)",
            input="image_input",
            height=48,
            width=96,
            colour="BGR",
            layout="NCHW",
            dtypes=("float32",),
            divisor=255.0,
            mean=0.0,
            std=1.0,
            resize="stretch",
            interpolation="opencv-linear",
            decode=Decode("ctc", special="last", max_length=8, output="tf_op_layer_ArgMax"),
        ),
        Preset(
            name="ocrnet-tao",
            title="NVIDIA TAO OCRNet",
            source="tao_deploy cv/ocrnet/dataloader.py (Pillow's L, bicubic, (x/255 - 0.5)/0.5),"
            " cv/ocrnet/utils.py (blank is class 0), TAO documents, trtexec with OCRNet (input"
            " `input`, 1x32x100)",
            input="input",
            height=32,
            width=100,
            colour="GRAY",
            layout="NCHW",
            dtypes=("float32",),
            divisor=255.0,
            mean=0.5,
            std=0.5,
            resize="stretch",
            interpolation="pillow-bicubic",
            decode=Decode("ctc", special="first", max_length=25, output="output_id"),
        ),
        Preset(
            name="ppocrv5-rec",
            title="PaddleOCR PP-OCRv5 recognition",
            source="configs/rec/PP-OCRv5/PP-OCRv5_mobile_rec.yml (DecodeImage BGR, RecResizeImg"
            " [3, 48, 320]), resize_norm_img (width ceil(48 w/h), cv2.resize, zeros to the right"
            " after the normalisation), CTCLabelDecode (blank first), use_space_char (last)",
            input="x",
            height=48,
            width=320,
            colour="BGR",
            layout="NCHW",
            dtypes=("float32",),
            divisor=255.0,
            mean=0.5,
            std=0.5,
            resize="right_pad",
            interpolation="opencv-linear",
            decode=Decode("ctc", special="first", space_last=True, max_length=25),
        ),
        Preset(
            name="parseq",
            title="PARSeq, 94 characters",
            source="strhub/data/module.py (T.Resize bicubic of a Pillow picture, Normalize(0.5,"
            " 0.5)), strhub/data/utils.py (class 0 ends the text; [B] and [P] are no outputs),"
            " configs/main.yaml (32x128, 25 characters), configs/charset/94_full.yaml",
            input="input",
            height=32,
            width=128,
            colour="RGB",
            layout="NCHW",
            dtypes=("float32",),
            divisor=255.0,
            mean=0.5,
            std=0.5,
            resize="stretch",
            interpolation="pillow-bicubic",
            charset=_DIGITS + _UPPER.lower() + _UPPER + "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
            decode=Decode("eos", special="first", max_length=25),
        ),
        Preset(
            name="yolo",
            title="Ultralytics YOLO, one class, 640 px",
            source="ultralytics/data/augment.py LetterBox (auto=False, centre, 114, cv2 linear,"
            " round(d - 0.1) above and left), / 255; exported models call their input images",
            input="images",
            height=640,
            width=640,
            colour="RGB",
            layout="NCHW",
            dtypes=("float32",),
            divisor=255.0,
            mean=0.0,
            std=1.0,
            resize="letterbox",
            interpolation="opencv-linear",
            pad_value=114,
            decode=Decode("boxes", output="output0"),
        ),
    )
}


def find(name: str) -> Preset:
    """The preset of a name.

    Raises:
        DatasetError: there is none; the message lists them all.
    """
    if name not in PRESETS:
        raise DatasetError(f"there is no preset {name!r}", hint=f"known: {', '.join(PRESETS)}")
    return PRESETS[name]
