"""What Android permissions mean, in plain language, and how sensitive the data behind them is.

Source: developer.android.com, `Manifest.permission` (API 35); sensitivity is our own grading: `high` for data about
people or control over the device, `medium` for data that identifies a device or its surroundings, `low` otherwise.
"""

from typing import Final

from inspector.scan.meaning import attributes_of

_PREFIX: Final = "android.permission."

_MEANINGS: Final = {
    "ACCESS_BACKGROUND_LOCATION": ("high", "location at any time, also when the app is not in use"),
    "ACCESS_COARSE_LOCATION": ("high", "approximate location"),
    "ACCESS_FINE_LOCATION": ("high", "precise location"),
    "ACCESS_LOCATION_EXTRA_COMMANDS": ("low", "commands to the location provider"),
    "ACCESS_MEDIA_LOCATION": ("medium", "places stored in photos"),
    "ACCESS_NETWORK_STATE": ("low", "whether and how the device is connected"),
    "ACCESS_WIFI_STATE": ("medium", "names and addresses of Wi-Fi networks"),
    "ACTIVITY_RECOGNITION": ("high", "physical activity"),
    "ANSWER_PHONE_CALLS": ("high", "answers telephone calls"),
    "BIND_ACCESSIBILITY_SERVICE": ("high", "reads the screen and acts for the user"),
    "BIND_DEVICE_ADMIN": ("high", "administers the device"),
    "BIND_NOTIFICATION_LISTENER_SERVICE": ("high", "reads all notifications"),
    "BIND_VPN_SERVICE": ("high", "routes the traffic of the device"),
    "BLUETOOTH": ("low", "connects to paired Bluetooth devices"),
    "BLUETOOTH_ADMIN": ("medium", "finds and pairs Bluetooth devices"),
    "BLUETOOTH_ADVERTISE": ("low", "makes the device visible over Bluetooth"),
    "BLUETOOTH_CONNECT": ("low", "connects to paired Bluetooth devices"),
    "BLUETOOTH_SCAN": ("medium", "finds nearby Bluetooth devices"),
    "BODY_SENSORS": ("high", "heart rate and other body sensors"),
    "CALL_PHONE": ("high", "places telephone calls"),
    "CAMERA": ("high", "takes pictures and video"),
    "CAPTURE_AUDIO_OUTPUT": ("high", "records the sound the device plays"),
    "CHANGE_NETWORK_STATE": ("low", "changes the network connection"),
    "CHANGE_WIFI_STATE": ("medium", "changes Wi-Fi connections"),
    "DELETE_PACKAGES": ("high", "removes apps"),
    "DISABLE_KEYGUARD": ("medium", "removes the lock screen"),
    "DUMP": ("high", "reads the state of system services"),
    "FOREGROUND_SERVICE": ("low", "runs for long with a notification"),
    "GET_ACCOUNTS": ("high", "accounts on the device"),
    "GET_TASKS": ("medium", "which apps run"),
    "INSTALL_PACKAGES": ("high", "installs apps without asking"),
    "INTERNET": ("low", "opens network connections"),
    "KILL_BACKGROUND_PROCESSES": ("low", "ends other apps"),
    "MANAGE_EXTERNAL_STORAGE": ("high", "reads and writes all files of the user"),
    "NEARBY_WIFI_DEVICES": ("medium", "finds nearby Wi-Fi devices"),
    "NFC": ("low", "talks over NFC"),
    "PACKAGE_USAGE_STATS": ("high", "which apps are used, when and how long"),
    "POST_NOTIFICATIONS": ("low", "shows notifications"),
    "PROCESS_OUTGOING_CALLS": ("high", "numbers that are dialled"),
    "QUERY_ALL_PACKAGES": ("high", "list of all installed apps"),
    "READ_CALENDAR": ("high", "calendar entries"),
    "READ_CALL_LOG": ("high", "call history"),
    "READ_CONTACTS": ("high", "contacts"),
    "READ_EXTERNAL_STORAGE": ("high", "files of the user"),
    "READ_LOGS": ("high", "system logs of all apps"),
    "READ_MEDIA_AUDIO": ("medium", "sound files of the user"),
    "READ_MEDIA_IMAGES": ("high", "pictures of the user"),
    "READ_MEDIA_VIDEO": ("high", "videos of the user"),
    "READ_PHONE_NUMBERS": ("high", "telephone number of the device"),
    "READ_PHONE_STATE": ("high", "device and network identifiers, state of calls"),
    "READ_PRIVILEGED_PHONE_STATE": ("high", "hardware identifiers such as IMEI"),
    "READ_SMS": ("high", "text messages"),
    "REBOOT": ("high", "restarts the device"),
    "RECEIVE_BOOT_COMPLETED": ("medium", "starts by itself with the device"),
    "RECEIVE_MMS": ("high", "incoming multimedia messages"),
    "RECEIVE_SMS": ("high", "incoming text messages"),
    "RECORD_AUDIO": ("high", "records sound"),
    "REQUEST_DELETE_PACKAGES": ("medium", "asks to remove apps"),
    "REQUEST_IGNORE_BATTERY_OPTIMIZATIONS": ("low", "asks to keep running"),
    "REQUEST_INSTALL_PACKAGES": ("medium", "asks to install apps"),
    "SEND_SMS": ("high", "sends text messages"),
    "SYSTEM_ALERT_WINDOW": ("high", "draws over other apps"),
    "USE_BIOMETRIC": ("low", "asks for a fingerprint or face"),
    "USE_FINGERPRINT": ("low", "asks for a fingerprint"),
    "USE_SIP": ("medium", "internet telephony"),
    "VIBRATE": ("low", "vibrates"),
    "WAKE_LOCK": ("low", "keeps the device awake"),
    "WRITE_CALENDAR": ("high", "changes calendar entries"),
    "WRITE_CALL_LOG": ("high", "changes the call history"),
    "WRITE_CONTACTS": ("high", "changes contacts"),
    "WRITE_EXTERNAL_STORAGE": ("high", "files of the user"),
    "WRITE_SECURE_SETTINGS": ("high", "changes protected settings of the system"),
    "WRITE_SETTINGS": ("medium", "changes settings of the system"),
}

_ELSEWHERE: Final = {
    "com.google.android.gms.permission.AD_ID": ("medium", "advertising identifier"),
    "com.android.launcher.permission.INSTALL_SHORTCUT": ("low", "puts shortcuts on the home screen"),
    "com.asus.msa.SupplementaryDID.ACCESS": ("medium", "device identifier of the Mobile Security Alliance (China)"),
    "freemme.permission.msa": ("medium", "device identifier of the Mobile Security Alliance (China)"),
}


def permission_attributes(name: str) -> tuple[tuple[str, str], ...]:
    """Return `sensitivity` (low, medium, high) and `meaning` of a permission; nothing for one not in the table."""
    found = _MEANINGS.get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else _ELSEWHERE.get(name)
    return attributes_of(found)
