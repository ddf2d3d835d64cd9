"""Word lists that the judgement of candidates goes by, each with what it is for."""

from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the words of `text`, which are separated by white space."""
    return frozenset(text.split())


# Last labels that more often end a file name.
FILE_TLDS: Final = words("""
    ai am app as bar bat bin bz cab cc cfd ch class com cpa csc dat dev doc dot exe gb gdn gmbh hm hn inc ink jar java
    js la lat lib log lua man map md mk ml mm mo mobi mov movie mp ms pa page pdf pf pics pid pk pl pm pn prof ps pub
    py rs sc sh sk so sql st sv tab target tf tm ts vc vi wf zip
""")

# Those of them that end files of programs and systems, and next to no host: a setting that holds such a word holds a
# file. `target` is a unit of systemd.
SOURCE_TLDS: Final = words("dot man md mov pid pl pm ps py rs sh so tab target zip")

# Files that sources of programs are built from.
FILE_NAMES: Final = words("""
    android.mk application.mk archive.ar command.com common.mk config.mk configure.ac configure.in conftest.in
    conftest.nl gnumakefile.in local.mk local.properties ltmain.in makedefs.in makefile.am makefile.in makefile.inc
    makefile.pre.in manifest.in rules.mk
""")

# Last but one parts of files that a build fills in, `libusb-1.0.pc.in`.
TEMPLATE_ENDS: Final = words("""
    am bat c cfg cmake conf cpp desktop dox doxy h hh hpp ini java m4 map mk nsi pc plist properties py rc service sh
    spec ui
""")

# What a map of sources stands beside: `main.js.map`.
MAPPED_ENDS: Final = words("cjs css js jsx mjs ts tsx")

# Suffixes of companies that are words of programs, and below which hardly a host was ever seen.
UNUSED_TLDS: Final = words("pin read save tab windows")

# Suffixes that settings and properties end in, in files of settings no less: `appl.name`, `rtc.date`.
SETTING_TLDS: Final = words("date name")

# Those that are words which sentences begin with.
WORD_TLDS: Final = words("am as at be by do in is it my no so to us")

# Products, and files of systems and of ICU, whose names are below a suffix.
PRODUCT_NAMES: Final = words("""
    ado.net asp.net cnvalias.icu issue.net pnames.icu ubidi.icu ucadata.icu ucase.icu uemoji.icu ulayout.icu unames.icu
    uprops.icu vb.net msvc.net
""")

# Last labels that are common enough in names to believe a word that stands alone like a value.
COMMON_TLDS: Final = words("""
    aero ar arpa asia at au aws be biz br ca cc ch cl cloud club cn com coop cz de dk edu es eu fi fr gov gr hk hu
    icu ie il in it jp kr live ltd mil mo mobi mx my net nl no onion online org pl pt ro ru se sg shop site
    tech th tr tv tw ua uk us vip vn wang xin xn--55qx5d xn--fiqs8s xn--fiqz9s xn--io0a7i xn--j6w193g xyz
""")

# Last labels that hardly occur anywhere but in names.
TELLING_TLDS: Final = words("""
    au biz br cn com cz de edu fr gov hk jp kr mil mo net nl org ru tw uk xyz
""")

# First labels of names written in reverse.
REVERSED_ROOTS: Final = words("""
    android androidx app apple at au ca cc ch cn co com cz dalvik de dev dk edu eu fi fr gov groovy im in info io
    is it jakarta java javax jp kotlin kotlinx me mil net nl no org pl ru scala se sun tv uk us
""")

# Last labels that make a name that begins like a reversed one a host after all.
REVERSED_ENDS: Final = words("""
    au br cn com cz de edu eu fr gov hk jp kr mil net nl org ru tw uk
""")

# First words of property chains in programs.
PROGRAM_HEADS: Final = words("""
    a app arg args array b c cfg config context ctx d data date device document e el elem element err error event
    evt exports f file form g get h i info input item j json k key l list log m map math model module n name node
    number o obj object options opts os p page parent path process props q r req request res response result ret s
    self set state string style sys system t target that theme this type u user v val value view w window x y z
""")

# First words of properties and of no hosts.
PROPERTY_HEADS: Final = words("ctap ctap2 fido2 gpio")

# Domains that SSH puts behind its private algorithm names.
ALGORITHM_VENDORS: Final = words("""
    libssh.org lysator.liu.se openssh.com putty.projects.tartarus.org ssh.com tinyssh.org
""")

# Names of notations in OpenPGP signatures, RFC 4880 section 5.2.3.16, and of a key label, RFC 5295 section 3.1.
NOTATION_NAMES: Final = words("""
    issuer-fpr@notations.openpgp.fifthhorseman.net key@ietf.org pka-address@gnupg.org preferred-email-encoding@pgp.com
""")

# Places that source packages are named after.
IMPORT_ROOTS: Final = words("""
    bitbucket.org cloud.google.com gitee.com github.com gitlab.com go.etcd.io go.opentelemetry.io go.uber.org
    golang.org google.golang.org gopkg.in honnef.co k8s.io modernc.org rsc.io sigs.k8s.io
""")

# Public resolvers whose addresses would pass for version numbers.
KNOWN_RESOLVERS: Final = words("""
    1.0.0.1 1.0.0.2 1.1.1.1 1.1.1.2 1.2.4.8 4.2.2.1 4.2.2.2 4.2.2.3 4.2.2.4 8.8.4.4 8.8.8.8 9.9.9.9
""")

# Schemes that lead off the device.
NETWORK_SCHEMES: Final = words("""
    afp amqp amqps cifs coap coap+tcp coaps cwmp dash dns doh dot ed2k ftp ftps git gopher grpc h323 hls http
    https imap imaps iotc ipp ipps irc ircs iscsi jdbc kafka kdns ldap ldaps magnet mms mmsh mmst mongodb mongodb+srv
    mqtt mqtt+ssl mqtts msrp mysql nats nbd nfs nntp ntp onvif oss p2p pop3 pop3s postgres postgresql quic rdp
    redis rediss rist rsync rtmp rtmpe rtmps rtmpt rtp rtsp rtsps s3 sftp sip sips smb smtp smtps snmp socks
    socks4 socks5 srt srtp ss ssh ssl ssr stun stuns svn syslog tcp telnet tftp thunder tls tr069 trojan turn
    turns udp vless vmess vnc webdav webdavs webrtc ws wss xmpp zmq
""")

# Schemes that stay on the device.
LOCAL_SCHEMES: Final = words("""
    about android-app android.resource app asset assets blob bundle capacitor chrome chrome-extension classpath
    compress.zlib content data dbus file glob intent ionic ipc jar javascript launchd mailto market memory ms-appx
    node npipe package phar php res resource sms tauri tel unix urn vscode webpack webpack-internal zip zlib
""")
