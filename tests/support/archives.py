"""Archives of every kind, made in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Mapping


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


def tarred(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these files."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def gzipped(data: bytes, name: str = "") -> bytes:
    """A gzip file, with a name in its header if there is one."""
    target = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=target, mtime=0) as file:
        file.write(data)
    return target.getvalue()


def every_kind(name: str, data: bytes) -> dict[str, bytes]:
    """Archives with the one file `name`, by their names; each packs it so that it stands nowhere as it is."""
    tar = tarred({"readme": b"r", name: data})
    return {
        "a.zip": zipped({"readme": b"r", name: data}),
        "bz.zip": zipped({name: data}, zipfile.ZIP_BZIP2),
        "lz.zip": zipped({name: data}, zipfile.ZIP_LZMA),
        "a.jar": zipped({"inner.zip": zipped({name: data})}, zipfile.ZIP_STORED),
        "a.tar.gz": gzipped(tar),
        "a.tgz": gzipped(tar, "a.tar"),
        "a.tar.bz2": bz2.compress(tar),
        "a.tar.xz": lzma.compress(tar),
        f"{name}.gz": gzipped(data),
        f"{name}.xz": lzma.compress(data),
        "deep.tar": tarred({"x.zip": zipped({"y.tgz": gzipped(tar)})}),
    }
