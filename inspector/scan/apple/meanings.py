"""What iOS permissions, background modes, entitlements and classes mean, in plain language.

Source: developer.apple.com, "Information Property List", "Entitlements", "Privacy manifest files" and the framework
references; sensitivity is our own grading, as for Android permissions.
"""

from typing import Final

Meaning = tuple[str, str]
"""(sensitivity, meaning)."""

USAGE: Final[dict[str, Meaning]] = {
    "NSAppleMusicUsageDescription": ("low", "media library"),
    "NSBluetoothAlwaysUsageDescription": ("medium", "finds and connects to Bluetooth devices"),
    "NSBluetoothPeripheralUsageDescription": ("medium", "finds and connects to Bluetooth devices"),
    "NSCalendarsFullAccessUsageDescription": ("high", "calendar entries"),
    "NSCalendarsUsageDescription": ("high", "calendar entries"),
    "NSCalendarsWriteOnlyAccessUsageDescription": ("medium", "adds calendar entries"),
    "NSCameraUsageDescription": ("high", "takes pictures and video"),
    "NSContactsUsageDescription": ("high", "contacts"),
    "NSFaceIDUsageDescription": ("low", "asks for a face"),
    "NSFallDetectionUsageDescription": ("high", "detected falls"),
    "NSFocusStatusUsageDescription": ("low", "whether a focus is on"),
    "NSHealthClinicalHealthRecordsShareUsageDescription": ("high", "clinical health records"),
    "NSHealthShareUsageDescription": ("high", "health data"),
    "NSHealthUpdateUsageDescription": ("high", "writes health data"),
    "NSHomeKitUsageDescription": ("high", "devices of the home"),
    "NSLocalNetworkUsageDescription": ("medium", "finds devices on the local network"),
    "NSLocationAlwaysAndWhenInUseUsageDescription": ("high", "location at any time, also when the app is not in use"),
    "NSLocationAlwaysUsageDescription": ("high", "location at any time, also when the app is not in use"),
    "NSLocationTemporaryUsageDescriptionDictionary": ("high", "precise location for a while"),
    "NSLocationUsageDescription": ("high", "location"),
    "NSLocationWhenInUseUsageDescription": ("high", "location while the app is in use"),
    "NSMicrophoneUsageDescription": ("high", "records sound"),
    "NSMotionUsageDescription": ("high", "physical activity"),
    "NSNearbyInteractionUsageDescription": ("medium", "distance to nearby devices"),
    "NSPhotoLibraryAddUsageDescription": ("low", "adds pictures"),
    "NSPhotoLibraryUsageDescription": ("high", "pictures of the user"),
    "NSRemindersFullAccessUsageDescription": ("high", "reminders"),
    "NSRemindersUsageDescription": ("high", "reminders"),
    "NSSensorKitUsageDescription": ("high", "research data of the sensors"),
    "NSSiriUsageDescription": ("medium", "requests to Siri"),
    "NSSpeechRecognitionUsageDescription": ("high", "speech, sent to Apple for recognition"),
    "NSUserTrackingUsageDescription": ("high", "tracks the user across apps and web sites (advertising identifier)"),
    "NSVideoSubscriberAccountUsageDescription": ("medium", "TV provider account"),
    "NFCReaderUsageDescription": ("low", "reads NFC tags"),
}

BACKGROUND: Final[dict[str, Meaning]] = {
    "audio": ("low", "plays or records sound in the background"),
    "location": ("high", "follows the location in the background"),
    "voip": ("medium", "keeps a connection for calls"),
    "external-accessory": ("medium", "talks to accessories in the background"),
    "bluetooth-central": ("medium", "talks to Bluetooth devices in the background"),
    "bluetooth-peripheral": ("medium", "acts as a Bluetooth device in the background"),
    "fetch": ("low", "fetches content in the background"),
    "remote-notification": ("medium", "is woken by push messages"),
    "processing": ("low", "works for long in the background"),
    "network-authentication": ("medium", "logs in to networks"),
    "push-to-talk": ("medium", "push-to-talk"),
    "nearby-interaction": ("medium", "measures distance to nearby devices in the background"),
}

ENTITLEMENTS: Final[dict[str, Meaning]] = {
    "aps-environment": ("low", "receives push messages"),
    "com.apple.developer.associated-domains": ("low", "opens links of its web sites, shares credentials with them"),
    "com.apple.developer.healthkit": ("high", "health data"),
    "com.apple.developer.homekit": ("high", "devices of the home"),
    "com.apple.developer.networking.HotspotConfiguration": ("medium", "joins Wi-Fi networks"),
    "com.apple.developer.networking.HotspotHelper": ("high", "manages Wi-Fi networks"),
    "com.apple.developer.networking.multicast": ("medium", "sends to all devices on the local network"),
    "com.apple.developer.networking.networkextension": ("high", "filters or routes the traffic of the device"),
    "com.apple.developer.networking.vpn.api": ("high", "routes the traffic of the device"),
    "com.apple.developer.networking.wifi-info": ("medium", "name and address of the Wi-Fi network"),
    "com.apple.developer.nfc.readersession.formats": ("low", "reads NFC tags"),
    "com.apple.developer.siri": ("medium", "requests to Siri"),
    "com.apple.developer.usernotifications.filtering": ("medium", "hides push messages"),
    "com.apple.security.application-groups": ("low", "shares data with other apps of the maker"),
    "get-task-allow": ("medium", "can be debugged"),
    "keychain-access-groups": ("low", "shares secrets with other apps of the maker"),
    "com.apple.managed.vpn.shared": ("high", "uses VPN profiles of the device management"),
}

DATA_TYPES: Final[dict[str, Meaning]] = {
    "Name": ("medium", "name"),
    "EmailAddress": ("medium", "e-mail address"),
    "PhoneNumber": ("high", "telephone number"),
    "PhysicalAddress": ("high", "postal address"),
    "OtherUserContactInfo": ("medium", "other contact data"),
    "Health": ("high", "health data"),
    "Fitness": ("high", "fitness data"),
    "PaymentInfo": ("high", "payment data"),
    "CreditInfo": ("high", "credit data"),
    "OtherFinancialInfo": ("high", "other financial data"),
    "PreciseLocation": ("high", "precise location"),
    "CoarseLocation": ("high", "approximate location"),
    "SensitiveInfo": ("high", "sensitive data such as religion, health or opinions"),
    "Contacts": ("high", "contacts"),
    "EmailsOrTextMessages": ("high", "messages"),
    "PhotosorVideos": ("high", "pictures and videos"),
    "AudioData": ("high", "sound recordings"),
    "GameplayContent": ("low", "game content"),
    "CustomerSupport": ("medium", "support requests"),
    "OtherUserContent": ("medium", "other content of the user"),
    "BrowsingHistory": ("high", "browsing history"),
    "SearchHistory": ("high", "search history"),
    "UserID": ("medium", "user identifier"),
    "DeviceID": ("medium", "device identifier"),
    "PurchaseHistory": ("medium", "purchases"),
    "ProductInteraction": ("low", "use of the app"),
    "AdvertisingData": ("medium", "advertisements seen"),
    "OtherUsageData": ("low", "other data on use"),
    "CrashData": ("low", "crash reports"),
    "PerformanceData": ("low", "performance data"),
    "OtherDiagnosticData": ("low", "other diagnostic data"),
    "EnvironmentScanning": ("high", "scan of the surroundings"),
    "Hands": ("medium", "movement of hands"),
    "Head": ("medium", "movement of the head"),
    "OtherDataTypes": ("medium", "other data"),
}
DATA_TYPE_PREFIX: Final = "NSPrivacyCollectedDataType"

SENSITIVE_CLASSES: Final[dict[str, str]] = {
    "CLLocationManager": "location",
    "CLGeocoder": "location",
    "ASIdentifierManager": "device-id",
    "ATTrackingManager": "device-id",
    "DCDevice": "device-id",
    "CTTelephonyNetworkInfo": "carrier",
    "CTCarrier": "carrier",
    "CTCellularData": "carrier",
    "CTCallCenter": "calls",
    "CXCallObserver": "calls",
    "CXProvider": "calls",
    "CNContactStore": "contacts",
    "EKEventStore": "calendar",
    "PHPhotoLibrary": "pictures",
    "PHAsset": "pictures",
    "ALAssetsLibrary": "pictures",
    "AVCaptureDevice": "camera",
    "AVCaptureSession": "camera",
    "AVAudioRecorder": "microphone",
    "UIPasteboard": "clipboard",
    "CMMotionManager": "motion",
    "CMMotionActivityManager": "motion",
    "CMPedometer": "motion",
    "HKHealthStore": "health",
    "CBCentralManager": "bluetooth",
    "NEHotspotNetwork": "wifi-networks",
    "NEHotspotConfigurationManager": "wifi-networks",
    "NEVPNManager": "traffic",
    "NETunnelProviderManager": "traffic",
    "HMHomeManager": "home",
    "SFSpeechRecognizer": "microphone",
    "RPScreenRecorder": "screen",
    "LSApplicationWorkspace": "installed-apps",
}
"""System class → kind of data, in the words used for Android."""


def attributes_of(found: Meaning | None) -> tuple[tuple[str, str], ...]:
    """Return `meaning` and `sensitivity` as attributes; nothing for None."""
    return (("meaning", found[1]), ("sensitivity", found[0])) if found else ()


def entitlement_attributes(name: str) -> tuple[tuple[str, str], ...]:
    """Return meaning and sensitivity of an entitlement; nothing for one not in the table."""
    return attributes_of(ENTITLEMENTS.get(name))
