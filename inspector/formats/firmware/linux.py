"""Linux kernels as boot loaders take them: x86 bzImage, ARM zImage, ARM64 and RISC-V Image, EFI zboot, `IKCFG`.

Format: kernel documentation `arch/x86/boot.rst`, `arch/arm64/booting.rst`, `arch/riscv/boot-image-header.rst`;
`arch/arm/boot/compressed/head.S` (zImage magic); `drivers/firmware/efi/libstub/zboot-header.S`; `kernel/configs.c`.
Limits: the compressed kernel inside a zImage is found by its magic, because nothing there points to it.
"""

from struct import Struct
from typing import Final

from inspector.errors import Malformed, NotThisFormat
from inspector.formats.firmware import ipxe
from inspector.formats.image import Image, codec_at, header_at, stored
from inspector.formats.names import decode_name
from inspector.formats.reader import Reader, Span

BZIMAGE_MAGIC: Final = b"HdrS"
BZIMAGE_MAGIC_AT: Final = 0x202
PAYLOAD_SINCE: Final = 0x0208
"""Boot protocol from which on the header points to the compressed kernel."""
ZIMAGE_MAGIC: Final = 0x016F2818
ZIMAGE_MAGIC_AT: Final = 0x24
PACKED: Final = (
    b"\x1f\x8b\x08\x00",
    b"\xfd7zXZ\x00",
    b"\x02\x21\x4c\x18",
    b"\x89LZO\x00\r\n\x1a\n",
    b"\x28\xb5\x2f\xfd",
    b"\x5d\x00\x00\x00",
    b"\x5d\x00\x00\x80\x00",
)
MOST_TRIES: Final = 64
LARGEST: Final = 1 << 27
IMAGE_MAGICS: Final = {b"ARM\x64": "arm64", b"RSC\x05": "riscv"}
IMAGE_MAGIC_AT: Final = 0x38
IMAGE_HEADER: Final = 64
ZBOOT_MAGIC: Final = b"MZ\0\0zimg"
CONFIG_START, CONFIG_END = b"IKCFG_ST", b"IKCFG_ED"
MOST_CONFIG: Final = 1 << 20


def parse_bzimage(data: Reader) -> Image:
    """Return the compressed kernel; the real-mode code and the decompressor are structure."""
    header_at(data, 0x250, "a bzImage")
    if not data.startswith(BZIMAGE_MAGIC, BZIMAGE_MAGIC_AT) or not data.startswith(b"\x55\xaa", 0x1FE):
        raise NotThisFormat("no bzImage")
    setup, size = data.view_at(0x1F1, 1)[0] or 4, data.unpack_at(0x1F4, Struct("<I"))[0] * 16
    version, name_at = data.unpack_at(0x206, Struct("<H6xH"))
    start = (setup + 1) * 512
    if start + size > data.size + 15:  # the size counts paragraphs of 16 bytes
        raise Malformed(f"bzImage of {start + size} bytes, {data.size} there")
    end = min(start + size, data.size)
    name = decode_name(data.read_upto(name_at + 0x200, 128).split(b"\0")[0]) if name_at else ""
    properties = {"protocol": f"{version >> 8}.{version & 255:02}", "version": name}
    offset, length = data.unpack_at(0x248, Struct("<II")) if version >= PAYLOAD_SINCE else (0, 0)
    if not length or start + offset + length > end:
        # iPXE in the guise of a kernel: some of what is packed lies before the end of the real-mode code.
        unpacker = data.find(ipxe.MAGIC, 0, start)
        start = unpacker if unpacker >= 0 else start
        return Image(end, (stored(data, "kernel", start, end),), (Span(0, start),), properties)
    first, last = start + offset, start + offset + length
    member = stored(data, "vmlinux", first, last, hint=codec_at(data, first))
    return Image(end, (member,), (Span(0, first), Span(last, end)), properties)


def parse_zimage(data: Reader) -> Image:
    """Return the decompressor and, from its magic on, the compressed kernel of an ARM zImage of either byte order."""
    header_at(data, 0x30, "a zImage")
    for order in "<>":
        magic, start, end = data.unpack_at(ZIMAGE_MAGIC_AT, Struct(order + "3I"))
        if magic == ZIMAGE_MAGIC:
            break
    else:
        raise NotThisFormat("no zImage")
    size = end - start
    if not 0x1000 <= size <= LARGEST:
        raise NotThisFormat("zImage magic without an extent")
    if size > data.size:
        raise Malformed(f"zImage of {size} bytes, {data.size} there")
    found = [at for magic in PACKED if (at := _packed_at(data, magic, size)) >= 0]
    properties = {"byte order": "little" if order == "<" else "big"}
    if not found:
        return Image(size, (stored(data, "kernel", 0x30, size),), (Span(0, 0x30),), properties)
    at = min(found)
    members = (stored(data, "loader", 0x30, at), stored(data, "vmlinux", at, size, hint=codec_at(data, at)))
    return Image(size, members, (Span(0, 0x30),), properties)


def _packed_at(data: Reader, magic: bytes, size: int) -> int:
    """Return where a stream with this magic begins, or -1; the decompressor holds the bare magics too."""
    at = 0x2F
    for _ in range(MOST_TRIES):
        at = data.find(magic, at + 1, size)
        if at < 0 or codec_at(data, at):
            return at
    return -1


def parse_image(data: Reader) -> Image:
    """Return the kernel behind the 64-byte header of ARM64 or RISC-V; its bss, counted in the size, is not there."""
    header_at(data, IMAGE_HEADER, "a kernel Image")
    magic = data.read_at(IMAGE_MAGIC_AT, 4)
    size, flags = data.unpack_at(0x10, Struct("<QQ"))
    if magic not in IMAGE_MAGICS or not IMAGE_HEADER < size < 1 << 30 or flags >> 8:
        raise NotThisFormat("no kernel Image")
    end = min(int(size), data.size)
    member = stored(data, "kernel", IMAGE_HEADER, end, hint="kernel")
    return Image(end, (member,), (Span(0, IMAGE_HEADER),), {"architecture": IMAGE_MAGICS[magic], "size": f"{size:#x}"})


def parse_zboot(data: Reader) -> Image:
    """Return the compressed kernel inside an EFI zboot program, which reaches to the end of the data."""
    header_at(data, IMAGE_HEADER, "an EFI zboot image")
    if not data.startswith(ZBOOT_MAGIC):
        raise NotThisFormat("no EFI zboot image")
    offset, size = data.unpack_at(8, Struct("<II"))
    if not IMAGE_HEADER <= offset <= data.size - size:
        raise Malformed(f"zboot payload of {size} bytes at {offset:#x} runs past the end")
    codec = decode_name(data.read_at(24, 8).split(b"\0")[0])
    end = offset + size
    member = stored(data, "vmlinux", offset, end, hint=codec_at(data, offset) or codec)
    return Image(end, (member,), (Span(0, offset),), {"compression": codec})


def parse_ikconfig(data: Reader) -> Image:
    """Return the configuration that the kernel was built with, a gzip stream between two marks."""
    if not data.startswith(CONFIG_START):
        raise NotThisFormat("no kernel configuration")
    start = len(CONFIG_START)
    end = data.find(CONFIG_END, start, MOST_CONFIG)
    if end < 0 or codec_at(data, start) != "gzip":
        raise NotThisFormat("no kernel configuration")
    stop = end + len(CONFIG_END)
    return Image(stop, (stored(data, "config", start, end, hint="gzip"),), (Span(0, start), Span(end, stop)))
