"""The common shape of an app package: a zip whose names tell what it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from inspector.errors import NotThisFormat
from inspector.extract.base import Extractor, ExtractorInfo, Family, Grade, Magic
from inspector.extract.mobile.cocos import decrypted_scripts
from inspector.extract.mobile.second_opinion import REFUSES, disagreements
from inspector.formats.archive.zip import LOCAL
from inspector.formats.archive.zip_members import UNLISTED, read_zip
from inspector.formats.layout import Contents, Member, Opener
from inspector.formats.mobile.app_face import app_face, constant_resources
from inspector.formats.mobile.app_package import package_at
from inspector.formats.program.dex_code import numpy
from inspector.formats.reader import Reader, Span

SIGNATURES: Final = (".rsa", ".dsa", ".ec")
PACKAGES: Final = (".apk", ".hap", ".hsp")


class Package(Extractor):
    """A zip of one kind; members that only their place in it explains carry a hint of their format."""

    MAGIC = (Magic(LOCAL),)
    KIND: ClassVar[str]

    def measure(self, data: Reader, offset: int) -> Span:
        """Return the extent of the zip; `NotThisFormat` where its names say another kind."""
        kind, span = package_at(data, offset)
        if kind != self.KIND:
            raise NotThisFormat(f"no {self.KIND}")
        return span

    def unpack(self, data: Reader) -> Contents:
        """Return the entries as the zip reader gives them."""
        contents = read_zip(data)
        return replace(contents, members=self._hinted(contents.members))

    def _hinted(self, members: Iterable[Member]) -> Iterator[Member]:
        for member in members:
            hint = member.format or _hint(member.path)
            yield replace(member, format=hint) if hint != member.format else member


def _hint(path: str) -> str:
    """Return the leaf format that a member's place in the package tells, or nothing."""
    if path.startswith("META-INF/") and path.lower().endswith(SIGNATURES):
        return "pkcs7"
    if path.endswith("/manifest/AndroidManifest.xml"):
        return "aapt-proto"
    if path.endswith((".mobileprovision", ".provisionprofile")):
        return "provisioning"
    if path.endswith("_CodeSignature/CodeResources"):
        return "file-list"
    if path == "apex_pubkey":
        return "avb-key"
    return "apk-idsig" if path.endswith(".idsig") else ""


def _listed_name(member: Member) -> str:
    """Return the name in the archive: of entries with one name, all but the first carry their place behind it."""
    return member.path.rpartition("@0x")[0] if "duplicate name" in member.notes else member.path


ZIP_REFERENCE: Final = "Android libziparchive"


class Scripted(Package):
    """A package that may be a game of Cocos2d-x, the key of its scripts in a library or the program."""

    def unpack(self, data: Reader) -> Contents:
        """Return the entries; scripts decrypted where the key is found."""
        contents = super().unpack(data)
        return replace(contents, members=decrypted_scripts(list(contents.members), data.beside))


class Apk(Package):
    """One Android app, or one split of it; its label and icon stand in the properties."""

    KIND = "apk"
    INFO = ExtractorInfo(
        name="apk",
        title="Android package (APK)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Apps for Android, also inside firmware (/system/app, /vendor/app).",
        references=("developer.android.com/guide/components/fundamentals", ZIP_REFERENCE),
        limitations=(
            "Code that a packer decrypts at run time stays hidden.",
            "Icons in vector form are not shown; of adaptive ones the foreground is.",
        ),
        tested="real apps: io.appium.settings, Yosemite (NetEase), ApiDemos; built samples for tampering",
    )

    def unpack(self, data: Reader) -> Contents:
        """Return the entries; `app:label` and `app:icon` (base64 of a PNG made anew) where the resources give them."""
        contents = super().unpack(data)
        members = list(contents.members)
        notes, damage = contents.notes, contents.damage
        if notes or any(member.notes for member in members):
            listed = (m for m in members if m.format != "apk-signing-block" and UNLISTED not in m.notes)
            names = (_listed_name(member) for member in listed)
            told = disagreements(data, names)
            notes = (*notes, *told)
            # Which entries there are is then nothing to be sure of: Android may see what others do.
            damage = damage or next((note for note in told if REFUSES not in note), "")
        properties = {**contents.properties, **app_face(members)}
        readable = decrypted_scripts(_informed(members), data.beside)
        return replace(contents, members=readable, properties=properties, notes=notes, damage=damage)


def _informed(members: Sequence[Member]) -> list[Member]:
    """Return the members, those of code with the resources that they may load."""
    if not any(member.path.endswith(".dex") for member in members):
        return list(members)
    numpy()  # each worker that reads code would import it for itself
    resources = constant_resources(members)
    return [replace(m, resources=resources) if m.path.endswith(".dex") else m for m in members]


class AppSet(Package):
    """A set of split APKs: one app with parts."""

    KIND = "app-set"
    INFO = ExtractorInfo(
        name="app-set",
        title="set of split APKs (XAPK, APKS, APKM)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Downloads of app stores and of bundletool: base APK, splits for languages and processors, OBB data.",
        references=("developer.android.com/tools/bundletool",),
        limitations=("Encrypted APKM files of before 2021 are not read.",),
        tested="built samples",
    )

    def unpack(self, data: Reader) -> Contents:
        """Return the entries; each package knows of the others, one of which may hold the key of its scripts."""
        contents = super().unpack(data)
        members = list(contents.members)
        openers = {member.path: member.open for member in members if member.open and member.path.endswith(PACKAGES)}
        if len(openers) < 2:
            return replace(contents, members=members)
        told = [replace(m, open=_beside(m.path, openers)) if m.path in openers else m for m in members]
        return replace(contents, members=told)


def _beside(path: str, openers: Mapping[str, Opener]) -> Opener:
    others = tuple(opener for name, opener in openers.items() if name != path)

    def open_package(limit: int) -> Reader:
        data = openers[path](limit)
        data.beside = others
        return data

    return open_package


class Aab(Scripted):
    """What developers upload to a store."""

    KIND = "aab"
    INFO = ExtractorInfo(
        name="aab",
        title="Android App Bundle",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Upload format of app stores; its manifest and resources are protocol buffers.",
        references=("developer.android.com/guide/app-bundle/app-bundle-format", "AOSP aapt2 Resources.proto"),
        tested="built samples",
        limitations=("Resource tables (resources.pb) are scanned as bytes.",),
    )


class Aar(Package):
    """A library for Android apps: SDKs are delivered in this form."""

    KIND = "aar"
    INFO = ExtractorInfo(
        name="aar",
        title="Android library (AAR)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="SDKs as vendors deliver them: classes.jar, a plain-text manifest, native libraries.",
        references=("developer.android.com/studio/projects/android-library",),
        tested="real libraries: alipaySdk, HeyTap push, honor push",
    )


class Apex(Package):
    """A system module of Android 10 and later; the payload is an ext4, f2fs or EROFS image."""

    KIND = "apex"
    INFO = ExtractorInfo(
        name="apex",
        title="Android system module (APEX)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Parts of Android that are updated on their own.",
        references=("source.android.com/docs/core/ota/apex",),
        limitations=("The payload is read where its file system is known.",),
        tested="built samples",
    )


class Hap(Scripted):
    """An app for HarmonyOS."""

    KIND = "hap"
    INFO = ExtractorInfo(
        name="hap",
        title="HarmonyOS package (HAP, HSP)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Apps for HarmonyOS and OpenHarmony.",
        references=("gitee.com/openharmony/docs, application-package-structure-stage",),
        limitations=("Bytecode (.abc) is scanned for strings only.",),
        tested="built samples",
    )


class Ipa(Scripted):
    """An app for iOS: `Payload/*.app`, or an app bundle zipped by itself."""

    KIND = "ipa"
    INFO = ExtractorInfo(
        name="ipa",
        title="iOS app (IPA)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="Apps for iPhone and iPad as the App Store, enterprises and build servers deliver them; .app folders.",
        references=("developer.apple.com, Bundle Programming Guide",),
        limitations=("Asset catalogues (Assets.car) are scanned as bytes.",),
        tested="real app: ios-app-bootstrap; built samples",
    )


class Jar(Package):
    """A Java archive: classes, or DEX files without a manifest."""

    KIND = "jar"
    INFO = ExtractorInfo(
        name="jar",
        title="Java archive (JAR)",
        family=Family.MOBILE,
        grade=Grade.FULL,
        summary="SDKs and system libraries of Android; Java programs.",
        references=("docs.oracle.com, JAR File Specification",),
        tested="real libraries: jpush-android, jcore-android, umeng-analytics, u2.jar",
        limitations=(),
    )
