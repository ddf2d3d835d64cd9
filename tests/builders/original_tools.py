"""Output of the original compilers and packers, small, deflated and in base64: each plants `https://planted.example.cn/v1`.

Made with hermesc of the npm packages named beside each version, luac of Lua 5.1.5, 5.3.6 and 5.4.4, LuaJIT 2.1.0-beta3,
and rcc of Qt 5.15.8.
"""

import zlib
from base64 import b64decode
from typing import Final


def inflated(packed: str) -> bytes:
    """Return the bytes as the tool wrote them."""
    return zlib.decompress(b64decode(packed))


HERMES_SOURCE: Final = (
    'var api = {url: "https://planted.example.cn/v1", name: "second"}; '
    'function call() { return fetch(api.url + "涂鸦"); } call();'
)
HERMES: Final[dict[int, str]] = {
    # hermes-engine 0.7.2
    76: (
        "eNqFUD0sQ1EU/s57fc+TGCglHaSDFIs+DTGIQSKRkPqJpANCvD6PVm/bF32kBqmI0cZi6WC0SkyWIoYufhIsZiIM2GxOvUpqcpLv"
        "fufc79x7fi4Dp3JR9gciAI46puLFoePk3USL8H2d3T/mrns0CT8mVaAwat0rDOKvyRX82j7hX+skSH3MOwQvSPLOc9zGv+wSmpm8"
        "Hrfm1vTH69XI2MHszvHF4cnD2/NokzbAktoEtI4zb3B7dZw6wy0sAJ44w2Z/WWRihliyHDPuOHa2X9dtYaQdazFk5YyULayQmdbX"
        "w1nLzKQXDTthGkKkjZS1tiqwnWovxLQaxEhCd3nwbpUPHdwjoQt9IOILFt0dcSwpCLOoJhHhlCgn9UogD8LcncKKrCV4KB8Rkhjn"
        "ZxSt3kVDhanilznI6KjSdSdl64lM1h0jtJL9s02iRqAemop31MCTJzrnKn4VqgK5Fpsq8vk89kpPSvA2Wv+5bM1N+m6GX0r9hW88"
        "glMV"
    ),
    # hermes-engine 0.11.0
    84: (
        "eNp9UDssQ2EU/s599UoM1CsG6SAe071aQQiJxETSNhGRekR6W5eWe9sbvYRBrojRaLEYDCTWisniEUaNBAO7gYHR5nA71OIk3/+d"
        "83/n/8/jJnQuXojNoQkAJx3jmYuR4vJDvMlq+Lp8fFkvdasCfk0oQ2ZU+VcYxl8Ty6i0PcK/1kkQepl3CEGQEJzjuJV/2SU0MgUl"
        "v+bW1Ofb3Wh0f2aneH149vT+OlavDrKk1AMtMeYNbq+aU6e5hSQgZRgO+4tWPmVYC6abzriuUxjQdccycq45r5nrhu1YppbO6Wvh"
        "gpnO5+YNJ5s2LCtn2ObqioVtu/0gpQaQIgHhn8HDCh9dSBIIGvpApDAE+DviWJARYVFxEOWUBCf1CCAJEe5OZkVUbR6qkQgO4vyM"
        "EpW7qC0zlf0fbmN0VOi6azt6Nl/wx9CWCn+2SVQH1EBV8IEAJI/oiqs0K1BkiFXYVOB5HgJDsX4z+Xx0Onkbej2e9e6rS6FvVbpS"
        "sw=="
    ),
    # react-native 0.69.12
    85: (
        "eNo7Jr+H+SCzpHwoAwPDKvWgjIPOm7Ov+ovniP48dO1OxQVjDiYGMGCCYlYg5oQIMTgwoAJmKEYGUxgZ8AINRgYmMyDdwsggxMDI"
        "JBQH5CsDTelhZBADUkIsEDsbIj++Pu/pOzO6ZfORRduuv3nuJcJhA5RiE2FgkPUD0pVA5/EAlUYBnZDAwMCSAcQFQHZ6Tn5SYk5a"
        "aklyRklJQbGVvn5BTmJeSWqKXmpFYm5BTqpecp5+mWFxanJ+XkpiQWZyYk5OXmJuamlRDkNTrtq8JA52hiRGJgZjkMeN2YCEEZDP"
        "wMhgwGDJwMjIBsRMDJAwAvKZWBlMgJJsRQz+QCVRQEXmTAyMLAwmQNexAmWYOfKBnhJjZGQoYggEamOMQg4LQSjNCGWDaFUgVkeS"
        "1y/JLdDPzC+GeEMvqxglNBkZhRkYBBg42Bg+MLAzsNQzMh4G2iLJxsDGysDMyVDLxlBfX8+w8M23YxdVn7y5uPH/e7vvyya0uNQl"
        "AQC0tlc1"
    ),
    # react-native 0.70.15
    89: (
        "eNo7Jr+H+SCzpHwkAwPDKvWgjIPOm7Ov+ovniP48dO1OxQVjDiYGMGCCYlYg5oQIMTgwYAfMUIwMpjBiV6vByMBkBqRbGBmEGBiZ"
        "hOKAfGWg7h5GBjEgJcQCsbMh8uPr856+M6NbNh9ZtO36m+deIhw2QCk2EQYGWT8gXQl0Hg9QaRTQ6gQGBpYMIC4AstNz8pMSc9JS"
        "S5IzSkoKiq309QtyEvNKUlP0UisScwtyUvWS8/TLDItTk/PzUhILMpMTc3LyEnNTS4tyGJpy1eYlcbAzJDEyMRiDPG7MBiSMgHwG"
        "RgYDBksGRkY2IGZigIQRkM/EymAClGQrYfAHKokCKjJnYmBkYTABuo4VKMPMUQj0lBgjI0MJQyBQG2MUclgIQmlGKBtEqwKxOpK8"
        "fklugX5mfjHEG3pZxSihycgozMAgwMDBxvCBgZ2BpZ6R8TDQFkk2BjZWBmZOhlo2hvr6eoagqvTpSx/9sNj1kPlRWFBvQ5jM/xwA"
        "kexUQA=="
    ),
    # react-native 0.72.17
    94: (
        "eNo7Jr+H+SCzpHwcAwPDKvWgjIPOm7Ov+ovniP48dO1OxQVjByYGMGCCYlYg5oQIMTgwYAfMUIwM5jBiV6vByMBkBqRbGBmEGBiZ"
        "hOKAfGWg7gmMDGJASogFYmdD5MfX5z19Z0a3bD6yaNv1N8+9RDhsgFJsIgwMsn5AuhLoPB6g0iig1QkMDCwZQFwAZKfn5Ccl5qSl"
        "liRnlJQUFFvp6xfkJOaVpKbopVYk5hbkpOol5+mXGRanJufnpSQWZCYn5uTkJeamlhblMDTlqs1L4mBnSGJkYjABedyEDUgYMaQw"
        "MjAyGDBYMzAysgExEwMkjIB8JlYGM6AkWxlDIFBJDFCRJRMDIwsD0IdMrEAZZo5ioKfEGBkZyhiCgdoYY9DDQxKJDQoyQSjtDcRA"
        "fzL4QzEDVE6/JLdAPzO/GOItvaxiFNMYGYVBpAADB9BRDB+ATHYGYIjWMzIeBtouyfAfCPjZGNggDFag28AMToZamFQ9hFFfDzRH"
        "fgfrlPTlM792nTiiaftv/sudK4PZAY1fags="
    ),
    # react-native 0.76.9
    96: (
        "eNptUE0oRFEU/s6dmWeUwhg0C1EKpeb5S/mrKSuEsMIkb2YeM7yZeXnPxEIjzVoWUkqKJTvKysZPkgU22MzeggVLK854T6E59d3z"
        "3XvOued856r61HHm8FVPAzioH42e9R7PPwxXauUf54/ZpfvWgMC3CRsuRqH1hADym8PGb9uh/LkNBNHOPkPwgIRniu+1XL1BqGDn"
        "cVo9V8ffX+76BrcnM8eX+ydPr8/9Xnc3hyQvUDXEfpnHK+LUCW7NWpxRhs58VkuGFG1GNcNR09SNTlnWNSVhqhG/uqTEdU31hxNy"
        "qtlQw8lERNFjYUXTEkpcXVzQsBav2w25CxAigbac8DaJjxZECIQmdIFIYghYO+K7cKGdg1IKI5wS5KQOAXKCFQoXRxxug0VVECGF"
        "MS6j4P99+H7x3MpKbT/AYJ0YtgE7JptxXY4lDUuWf8748xtRWe4sgZuHwhvTAvBG00QX3N2HT7ZiCZJFXDzbNynEyk8obZF0mv9Z"
        "v72+Kd3vOQpktwYb+zczNXuVh1+SJGji"
    ),
    # hermes-compiler 250829098.0.4
    98: (
        "eNo7Jr+H+SCzpHwSAwPDKvWgjIPOm7Ov+ovniP48dO1OxQXjOCYGMGCCYlYg5oQIMTgwYAJWKGbEIvcCi+AEhJjCHiQ2C8SchsiP"
        "r897+s6Mbtl8ZNG262+ee4lw2ACl2EQYGGT9gHQl0Fk8QKVRDAzMCQwMLBlAXABkp+fkJyXmpKWWJGeUlBQUW+nrF+Qk5pWkpuil"
        "ViTmFuSk6iXn6ZcZFqcm5+elJBZkJifm5OQl5qaWFuUwNOWqzQtiBHuXIYiDgR3mKJCAM8hzzmxAwpZxMkMLE9CjXoxMDGwMjGDl"
        "QDYjK4MLIyMD23UuC8YcIGMdWw7QX2WMtoweTIwMLCBJRlYXZkYmjgmMzAxyjMxAc/KAuhnLQN43YESEnRVSOIHEuEE00BohqFgW"
        "klplUKAgqeUFYmYGiFoJqJgglNaFqgPx9UtyC/Qz84shwaOXVYwSO4xgG1gZGfgYGXgYOdgYPzBwMrLUMzIeBoYGoyQbIxsrIzMn"
        "Yy0bY3295N9px6bIn1ZWddiwN2+S6sHvto9NABc3WAI="
    ),
}
LUA: Final[dict[str, str]] = {
    "5.1": (
        "eNqT9ilNDGRgZOFg4WDABEzMrECSEYhdHRgYGoB0jAMDoxyQxQRks8hBlWWUlBQUW+nrF+Qk5pWkpuilViTmFuSk6iXn6ZcZMrCw"
        "QZUVFGXmlWDYAQDAPRDw"
    ),
    "5.3": (
        "eNqT9ilNDGaQnMzLJcXFwsHCwVERxoAAGuUOjAgeIzMriARiNwcHhgYgneLAwKgGZDEB2SxyGSUlBcVW+voFOYl5JakpeqkVibkF"
        "Oal6yXn6ZYYsbAVFmXkljFATUAEA3ygT4A=="
    ),
    "5.4": (
        "eNqT9ilNDGGQnMzLJcXFwsFREcaAABrlDowNDQ0MjMxtgUAuMxB3MzAwAiHDEQYmxmMMjIxNLPMySkoKiq309QtyEvNKUlP0UisS"
        "cwtyUvWS8/TLDFnaCooy80oagVoaQAAAgTQaNA=="
    ),
    "jit": ("eNqT9vFi4rJnYmBhYGJgVWdgYDBjZGQQYmZgcGJkYvRmYGTgKijKzCtRyigpKSi20tcvyEnMK0lN0UutSMwtyEnVS87TLzNkAAB0fw8L"),
}
RCC: Final[dict[str, str]] = {
    "1, zlib": (
        "eNorLEotZmBgYATi50AsAsTLgVi5LLFIoTg1OT8vRcFWQakgJzGvJDVFL7UiMbcgJ1UvOU/JmguoLAOI91fcWnvakc/BQIDhwO7w"
        "nF8NYu5xD15w8nb3bjPL5hSsf/4u653zRPHAjK13V8xeuKXymobbjobURBHbxNCFJk3pqw74rNoTdq7wg+fG7RU/TjDmTr8TN+PX"
        "ZjYuxqe9/8rZ3r1hXPbe5QkDM9CyAoZEhgIgBLIrbBgKGXIZchjY2NqOCoPFMxn0GLIYihk4OBijYoByiUCRPKAYRB0IMEE9yojC"
        "A9E8YBKEgWYzSIDlIaoYGLTgetQBeBtO3g=="
    ),
    "2, zlib": (
        "eNorLEotZmBgYALi50AsAsTLgVi5LLFIoTg1OT8vRcFWQakgJzGvJDVFL7UiMbcgJ1UvOU/JmguoLAOI91fcWnvakc/BQIDhwO7w"
        "nF8NYu5xD15w8nb3bjPL5hSsf/4u653zRPHAjK13V8xeuKXymobbjobURBHbxNCFJk3pqw74rNoTdq7wg+fG7RU/TjDmTr8TN+PX"
        "ZjYuxqe9/8rZ3r1hXPbe5QkDM9CyAoZEhgIgBLIrbBgKGXIZchjY2NqOCoPFMxn0GLIYihk4OBijYoByiUCRPKAYRB0D1JOMUIwA"
        "MFEmJDEeMA+EmZFEJcAkVDfjIu5skXQgQwtupjpMFADrzVIH"
    ),
    "3, zlib": (
        "eNorLEotZmBgYAbi10AsAcSrgZgRiJXLEosUilOT8/NSFGwVlApyEvNKUlP0UisScwtyUvWS85SsuYDKMoB4f8Wttacd+RwMBBgO"
        "7A7P+dUg5h734AUnb3fvNrNsTsH65++y3jlPFA/M2Hp3xeyFWyqvabjtaEhNFLFNDF1o0pS+6oDPqj1h5wo/eG7cXvHjBGPu9Dtx"
        "M35tZuNifNr7r5zt3RvGZe9dnoAcmVHAkMhQAIRAdoUNQyFDLkMOAxtb21FhsHgmgx5DFkMxAwcHY1QMUC4RKJIHFIOoAwEmqOcY"
        "GZABTJQJSYwHzGOCBg4MSIBJqG7GRdzZIulAhhbcTHWYKAALaFIV"
    ),
    "3, zstd": (
        "eNorLEotZmBgYAbil0AsAcQrgZgFiJXLEosUilOT8/NSFGwVlApyEvNKUlP0UisScwtyUvWS85SsuYDK0jS26v9V2P+WieGSq4hE"
        "Qy6fQoPSUtG9Flsd34ZIvdkt8EOi8EqCrcPXr9dk1VtmCXh3RBVvaJGeP4XnZJ7cnWt3Nt89vetybbjU0zo70+dWe5bLbeZWSDg8"
        "01lxca+5tbQpE8O7RT+eRM5kBDkxo4AhkaEACIHsChuGQoZchhwGNra2o8Jg8UwGPYYshmIGDg7GqBigXCJQJA8oBlEHAkxAzAjF"
        "CAATZUIS4wHzmKBBAwMSYBKqm3ERd7ZIOpChBQ4ukKg6TBQAnhFN5w=="
    ),
}
