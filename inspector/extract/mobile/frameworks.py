"""Bundles of the frameworks that apps are written with, in the pipeline."""

from inspector.extract.base import ExtractorInfo, Family, Grade, Magic
from inspector.extract.wrapper import Wrapper
from inspector.formats.mobile import unityfs, wxapkg, xamarin
from inspector.formats.program import dart_snapshot, hermes, il2cpp, qt_resources
from inspector.formats.reader import Reader, Span


class Hermes(Wrapper):
    """Hermes bytecode; its strings stand end to end without marks between them."""

    INFO = ExtractorInfo(
        name="hermes",
        title="Hermes bytecode",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Compiled JavaScript of React Native apps: index.android.bundle, main.jsbundle.",
        references=("facebook/hermes BytecodeFileFormat.h",),
        limitations=("Instructions are not decoded: which function loads a string is not known.",),
        tested=(
            "original packer: hermesc of 26 releases of hermes-engine, react-native and hermes-compiler, "
            "versions 60 to 99; kept as samples: 84 and 98"
        ),
    )
    MAGIC = (Magic(hermes.MAGIC),)
    parse = staticmethod(hermes.parse_hermes)


class DartSnapshot(Wrapper):
    """The constant strings of a Flutter app, each by itself."""

    INFO = ExtractorInfo(
        name="dart-snapshot",
        title="Dart AOT snapshot",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Compiled code of Flutter apps: libapp.so, App.framework/App.",
        references=("Dart SDK runtime/vm/snapshot.h and raw_object.h",),
        limitations=("Functions and classes are not decoded: which function loads a string is not known.",),
        tested="real app: the Flutter client of flet-desktop-light 0.82.2, 61,116 strings; built samples",
    )
    MAGIC = (Magic(dart_snapshot.MAGIC),)
    parse = staticmethod(dart_snapshot.parse_dart)


class Il2cpp(Wrapper):
    """IL2CPP metadata; its literals stand end to end without marks between them."""

    INFO = ExtractorInfo(
        name="il2cpp-metadata",
        title="IL2CPP metadata (global-metadata.dat)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Names and string literals of Unity games.",
        references=("Unity il2cpp-metadata.h",),
        limitations=("Versions 16 to 110; encrypted metadata is a gap.",),
        tested="built samples",
    )
    MAGIC = (Magic(il2cpp.MAGIC, carve=False),)
    parse = staticmethod(il2cpp.parse_il2cpp)


class UnityBundle(Wrapper):
    """Scenes and settings of a Unity game, in packed blocks."""

    INFO = ExtractorInfo(
        name="unityfs",
        title="Unity asset bundle (UnityFS)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="data.unity3d and the bundles of Unity games: settings that scenes hold, scripts, texts.",
        references=("UnityPy BundleFile.py", "AssetRipper FileStreamBundleFile.cs"),
        limitations=("Bundles encrypted by Unity China's engine are a gap; UnityRaw and UnityWeb are not read.",),
        tested="built samples, which UnityPy reads alike",
    )
    MAGIC = (Magic(unityfs.MAGIC),)
    parse = staticmethod(unityfs.parse_unityfs)


class AssemblyStore(Wrapper):
    """The .NET assemblies of an app in one file."""

    INFO = ExtractorInfo(
        name="assembly-store",
        title="Xamarin / .NET MAUI assembly store",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="assemblies.blob and libassemblies.*.blob.so of Xamarin and MAUI apps.",
        references=("dotnet/android assembly store format",),
        limitations=("Assemblies of format 1 are numbered, their names stand in another file.",),
        tested="built samples",
    )
    MAGIC = (Magic(xamarin.STORE),)
    parse = staticmethod(xamarin.parse_store)


class PackedAssembly(Wrapper):
    """One .NET assembly, packed with LZ4."""

    INFO = ExtractorInfo(
        name="xalz",
        title="packed .NET assembly (XALZ)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="assemblies/*.dll of Xamarin apps, lib/*/lib_*.dll.so of MAUI apps.",
        references=("dotnet/android compressed assemblies",),
        tested="built samples",
    )
    MAGIC = (Magic(xamarin.PACKED),)
    parse = staticmethod(xamarin.parse_packed)

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the whole file, or the section of a library that holds the assembly."""
        return xamarin.packed_span(data, offset)


class Wxapkg(Wrapper):
    """Files of a WeChat mini program."""

    INFO = ExtractorInfo(
        name="wxapkg",
        title="WeChat mini-program package",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Mini programs for WeChat, and those a host app brings along.",
        references=("layout as stored by WeChat for Android", "BlackTrace/pc_wxapkg_decrypt"),
        limitations=(
            "Of packages for desktops the first 1023 bytes stay a gap where no script names the program's identifier.",
        ),
        tested="built samples",
    )
    MAGIC = (Magic(b"\xbe\0\0\0", carve=False), Magic(wxapkg.LOCKED, carve=False))
    parse = staticmethod(wxapkg.parse_wxapkg)


class QtResources(Wrapper):
    """Files of a Qt program."""

    INFO = ExtractorInfo(
        name="qt-resources",
        title="Qt resources (.rcc)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="QML, scripts and pictures of Qt apps and devices.",
        references=("Qt rcc.cpp",),
        limitations=("Resources compiled into a program are unpacked without their names.",),
        tested="original packer: rcc of Qt 5.15, versions 1 to 3; resources in a program: built sample",
    )
    MAGIC = (Magic(qt_resources.MAGIC, carve=False),)
    parse = staticmethod(qt_resources.parse_qt_resources)
