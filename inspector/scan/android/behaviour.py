"""What the code of a DEX file does with data about people and devices, who does it, and what runs at the start.

Facts for the merge, with the app as subject: `app:calls` with `class class` for what entry classes call or initialise
when they are started (two levels deep), `app:extends` with `class class` for what they inherit, `app:loads` with
`resource method` for code that loads a text of the resources.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from inspector.formats.program.dex import Dex, MethodId, dotted
from inspector.formats.program.dex_code import DexCode, Use, open_code
from inspector.formats.reader import Reader
from inspector.model.artifact import Artifact
from inspector.model.knowledge import Anchors
from inspector.model.observation import Context, Kind, Location, Observable, Presence, Sighting
from inspector.scan.android.merge import app_of_code
from inspector.scan.android.package_names import PackageNames
from inspector.scan.android.resource_loads import resource_loads
from inspector.scan.base import Scanner, ScannerInfo, ScanNotes

Names = dict[str, frozenset[str]]
ANY: Final[frozenset[str]] = frozenset()
MOST_REFERENCES: Final = 8
MOST_EDGES: Final = 2_000


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


TELEPHONY: Final = "android.telephony.TelephonyManager"
WIFI_INFO: Final = "android.net.wifi.WifiInfo"

METHODS: Final[dict[str, Names]] = {
    "device-id": {
        TELEPHONY: _names("getDeviceId getImei getMeid getSubscriberId getSimSerialNumber getDeviceSoftwareVersion"),
        "android.os.Build": _names("getSerial"),
        WIFI_INFO: _names("getMacAddress"),
        "java.net.NetworkInterface": _names("getHardwareAddress"),
        "android.bluetooth.BluetoothAdapter": _names("getAddress"),
        "com.google.android.gms.ads.identifier.AdvertisingIdClient": _names("getAdvertisingIdInfo"),
        "com.bun.miitmdid.core.MdidSdkHelper": _names("InitSdk"),
        "com.huawei.hms.ads.identifier.AdvertisingIdClient": _names("getAdvertisingIdInfo"),
    },
    "phone-number": {TELEPHONY: _names("getLine1Number getVoiceMailNumber")},
    "location": {
        "android.location.LocationManager": _names(
            "getLastKnownLocation requestLocationUpdates requestSingleUpdate getCurrentLocation"
        ),
        TELEPHONY: _names("getCellLocation getAllCellInfo getNeighboringCellInfo"),
        "com.google.android.gms.location.FusedLocationProviderClient": _names(
            "getLastLocation requestLocationUpdates getCurrentLocation"
        ),
    },
    "wifi-networks": {
        "android.net.wifi.WifiManager": _names("getScanResults getConfiguredNetworks"),
        WIFI_INFO: _names("getBSSID getSSID"),
    },
    "sms": {
        "android.telephony.SmsManager": _names("sendTextMessage sendMultipartTextMessage sendDataMessage"),
        "android.telephony.SmsMessage": _names("createFromPdu getMessageBody getDisplayMessageBody"),
    },
    "clipboard": {
        "android.content.ClipboardManager": _names("getPrimaryClip getText addPrimaryClipChangedListener"),
        "android.text.ClipboardManager": _names("getText"),
    },
    "installed-apps": {
        "android.content.pm.PackageManager": _names("getInstalledPackages getInstalledApplications"),
        "android.app.ActivityManager": _names("getRunningTasks getRecentTasks"),
        "android.app.usage.UsageStatsManager": _names("queryUsageStats queryEvents queryAndAggregateUsageStats"),
    },
    "accounts": {"android.accounts.AccountManager": _names("getAccounts getAccountsByType")},
    "camera": {
        "android.hardware.Camera": _names("open"),
        "android.hardware.camera2.CameraManager": _names("openCamera"),
        "androidx.camera.lifecycle.ProcessCameraProvider": _names("bindToLifecycle"),
    },
    "microphone": {
        "android.media.AudioRecord": _names("startRecording"),
        "android.media.MediaRecorder": _names("setAudioSource"),
    },
    "screen": {"android.media.projection.MediaProjectionManager": _names("createScreenCaptureIntent")},
    "health": {
        "androidx.health.connect.client.HealthConnectClient": _names("readRecords aggregate readRecord getChanges"),
        "android.health.connect.HealthConnectManager": ANY,
        "com.google.android.gms.fitness.HistoryClient": _names("readData readDailyTotal"),
        "com.google.android.gms.fitness.SensorsClient": ANY,
        "com.huawei.hms.hihealth.DataController": _names("read readTodaySummation readLatestData"),
        "com.samsung.android.sdk.healthdata.HealthDataResolver": _names("read aggregate"),
    },
    "code-loading": {
        "dalvik.system.DexClassLoader": _names("<init>"),
        "dalvik.system.InMemoryDexClassLoader": _names("<init>"),
    },
}

_CONTENT: Final = _names("CONTENT_URI CONTENT_FILTER_URI CONTENT_LOOKUP_URI ENTERPRISE_CONTENT_FILTER_URI")

FIELDS: Final[dict[str, Names]] = {
    "device-id": {"android.os.Build": _names("SERIAL")},
    "contacts": {
        f"android.provider.ContactsContract${part}": _CONTENT
        for part in ("Contacts", "Data", "RawContacts", "CommonDataKinds$Phone", "CommonDataKinds$Email", "PhoneLookup")
    },
    "call-log": {"android.provider.CallLog$Calls": _CONTENT},
    "calendar": {
        f"android.provider.CalendarContract${part}": _CONTENT for part in ("Events", "Calendars", "Instances")
    },
    "sms": {f"android.provider.Telephony${part}": _CONTENT for part in ("Sms", "Sms$Inbox", "Mms")},
}

STRINGS: Final[dict[str, tuple[bytes, ...]]] = {
    "device-id": (b"android_id",),
    "sms": (b"content://sms", b"content://sms/inbox", b"content://sms/"),
}
"""Constants that ask a content provider or the settings for the same data."""

ENTRY_PARENTS: Final = frozenset(
    {
        b"Landroid/app/Application;",
        b"Landroid/content/ContentProvider;",
        b"Landroid/content/BroadcastReceiver;",
        b"Landroid/app/AppComponentFactory;",
        b"Landroidx/multidex/MultiDexApplication;",
        b"Landroid/support/multidex/MultiDexApplication;",
        b"Landroidx/core/content/FileProvider;",
        b"Lcom/tencent/tinker/entry/DefaultApplicationLike;",
    }
)
ENTRY_INTERFACES: Final = frozenset({b"Landroidx/startup/Initializer;"})
ENTRY_METHODS: Final = frozenset({"onCreate", "attachBaseContext", "onReceive", "attachInfo", "create", "<clinit>"})
PLATFORM: Final = ("android.", "java.", "javax.", "kotlin.", "kotlinx.", "dalvik.")
LIBRARIES: Final = (*PLATFORM, "androidx.", "com.google.android.material.")
"""What classes extend without being started by Android; the entry classes of AndroidX are among `ENTRY_PARENTS`."""
INITIALISER: Final = frozenset({"<clinit>"})
LEVELS: Final = 2


class AndroidBehaviour(Scanner):
    """Sensitive interfaces by the package that calls them, and what the entry classes call."""

    INFO = ScannerInfo(
        name="android-behaviour",
        emits=(Kind.MECHANISM,),
        reads=("dex", "cdex"),
        summary="Which packages read device identifiers, location, contacts, messages, clipboard, installed apps …",
        references=("source.android.com, Dalvik bytecode", "developer.android.com/reference"),
        limitations=(
            "Calls by reflection or from native code are not seen.",
            "What starts is followed two calls deep, the second only within one DEX file.",
        ),
    )

    def __init__(self) -> None:
        self._names = PackageNames(frozenset())

    def prepare(self, anchors: Anchors) -> None:
        """Keep the prefixes that name packages."""
        self._names = PackageNames(anchors.packages)

    def scan(self, artifact: Artifact, data: Reader, notes: ScanNotes) -> Iterator[Sighting]:
        """Yield one sighting for each kind of data and package, in the order of the first call."""
        found: list[Sighting] = []
        app = artifact.app or app_of_code(artifact.path)
        for code in open_code(data):
            found += self._sightings(artifact, code)
            entries = _entry_types(code.dex)
            notes.facts.extend(("app:calls", app, edge) for edge in sorted(entry_calls(code, entries)))
            notes.facts.extend(("app:extends", app, edge) for edge in sorted(_parents(code.dex, entries)))
            notes.facts.extend(("app:loads", app, load) for load in resource_loads(artifact, code))
        yield from sorted(found, key=lambda one: (one.location.offset, one.observable))

    def _sightings(self, artifact: Artifact, code: DexCode) -> Iterator[Sighting]:
        packages: dict[tuple[str, str], list[tuple[Use, str]]] = {}
        for category, use, interface in _uses(code):
            package = dotted(code.owner(use.method).rpartition(b"/")[0] + b";")
            packages.setdefault((category, self._names.short(package)), []).append((use, interface))
        for (category, package), uses in packages.items():
            yield _sighting(artifact, code.dex, category, package, uses)


def _uses(code: DexCode) -> list[tuple[str, Use, str]]:
    """Return (kind of data, use, interface it goes through) in file order; each index is looked for once."""
    methods = {index: (kind, str(name)) for kind, names in METHODS.items() for index, name in _methods(code, names)}
    fields = {index: (kind, str(name)) for kind, names in FIELDS.items() for index, name in _fields(code, names)}
    strings = {code.dex.find_string(text): (kind, text.decode()) for kind, texts in STRINGS.items() for text in texts}
    found = [(*methods[use.index], use) for use in code.calls(methods)]
    found += [(*fields[use.index], use) for use in code.field_reads(fields)]
    found += [(*strings[use.index], use) for use in code.string_loads(strings)]
    found.sort(key=lambda one: one[2].offset)
    return [(kind, use, _short(name)) for kind, name, use in found]


def _methods(code: DexCode, names: Names) -> Iterable[tuple[int, MethodId]]:
    return code.methods_named(names).items()


def _fields(code: DexCode, names: Names) -> Iterable[tuple[int, MethodId]]:
    return code.fields_named(names).items()


def _short(name: str) -> str:
    return ".".join(name.rsplit(".", 2)[-2:])


def _sighting(artifact: Artifact, dex: Dex, category: str, package: str, uses: list[tuple[Use, str]]) -> Sighting:
    interfaces = sorted({interface for _, interface in uses})
    callers = sorted({str(dex.method(use.method)) for use, _ in uses})
    return Sighting(
        Observable(Kind.MECHANISM, f"sensitive-api:{category}"),
        Location(artifact.path, uses[0][0].offset),
        Context.CODE,
        Presence.REFERENCED,
        ", ".join(interfaces)[:120],
        referenced_by=tuple(callers[:MOST_REFERENCES]),
        attributes=(("calls", str(len(uses))), ("detail", ", ".join(interfaces)), ("package", package)),
    )


def entry_calls(code: DexCode, entries: set[int]) -> set[str]:
    """Return `caller callee` for the classes that entry classes call from the methods Android runs first.

    A class is initialised when one of its static fields is read: its `<clinit>` counts as called.
    """
    dex = code.dex
    edges: set[str] = set()
    level = code.methods_of(entries, ENTRY_METHODS)
    for _ in range(LEVELS):
        called = [(use, dex.method(use.index).owner) for use in code.called_by(level)]
        read = [(use, dex.field(use.index).owner) for use in code.fields_read_by(level)]
        edges |= {
            f"{caller} {callee}"
            for use, callee in (*called, *read)
            if (caller := dex.method(use.method).owner) != callee and callee and not callee.startswith(PLATFORM)
        }
        level = {use.index for use, callee in called if callee and not callee.startswith(PLATFORM)}
        initialised = {code.field_owner(use.index) for use, callee in read if not callee.startswith(PLATFORM)}
        level |= code.methods_of(initialised, INITIALISER)
        if len(edges) > MOST_EDGES:
            return set(sorted(edges)[:MOST_EDGES])
    return edges


def _parents(dex: Dex, entries: set[int]) -> Iterator[str]:
    """Yield `class superclass` for entry classes whose superclass is none of the platform."""
    for kind, parent in zip(dex.class_types, dex.superclasses, strict=True):
        if kind in entries and not (name := dex.type_name(parent)).startswith(PLATFORM) and name:
            yield f"{dex.type_name(kind)} {name}"


def _entry_types(dex: Dex) -> set[int]:
    """Return the types that Android itself may start, by what they extend or implement, directly or in a chain.

    A class may extend one that another DEX of the app defines: then its kind is not known here, and the manifest tells.
    """
    roots = {dex.find_type(name) for name in ENTRY_PARENTS} - {-1}
    contracts = {dex.find_type(name) for name in ENTRY_INTERFACES} - {-1}
    children: dict[int, list[int]] = {}
    found: set[int] = set()
    for kind, parent, interfaces in zip(dex.class_types, dex.superclasses, dex.interface_lists, strict=True):
        children.setdefault(parent, []).append(kind)
        if contracts and interfaces and not contracts.isdisjoint(dex.type_list(interfaces)):
            found.add(kind)
    defined = set(dex.class_types)
    elsewhere = {kind for kind in children if kind not in defined and not dex.type_name(kind).startswith(LIBRARIES)}
    waiting = [*(roots | elsewhere)]
    while waiting:
        for child in children.pop(waiting.pop(), ()):
            found.add(child)
            waiting.append(child)
    return found
