"""Pictures that a test makes itself."""
import struct
import zlib


def png(width, height, colour=None):
    """A PNG of one colour, or else of all."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    def line(y):
        if colour:
            return bytes(colour) * width
        return bytes(v for x in range(width) for v in (x * 255 // width, y * 255 // height, 128))
    rows = (b"\0" + line(0)) * height if colour else b"".join(b"\0" + line(y) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
