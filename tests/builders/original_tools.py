"""Output of the original compilers and packers, small, deflated and in base64: each plants `https://planted.example.cn/v1`.

Made with hermesc of the npm packages named beside each version, luac of Lua 5.1.5, 5.3.6 and 5.4.4, LuaJIT 2.1.0-beta3,
and rcc of Qt 5.15.8. File system images that the packers of Debian 12 cannot make come from the same programs as Debian
13 has them (erofs-utils 1.8.6, f2fs-tools 1.16.0), deflated twice; the zeros at their end are cut off. NRV2B blocks
come from libucl 1.03 of Debian 12.
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
F2FS: Final[dict[str, str]] = {
    "lzo": (
        "eNrt3VlQU1kaB/CLgEirA4qMCAYCw9phEAREWVVwAYQWEARBIzCN3QXDjhhCEropWRoaBoMgwRYxzSIIBJDNKKF7BDrIIntANkWM"
        "0oYt7DHcSXr6YR5m5mUepqC+X6ruSZ17Tu6p/03V/R5O1b0x/HG0K3DfxYPIHIZaXJm//fat+InzO53uG5z2/8r5+xZ5nNOOftUY"
        "3aqhUf3AKqYRcyiIVxAz9y5vgk2lHM9/iZZMlL1szDGzd5jH1ifSYq3nSOM5ZiGsav71AzcYNg5aEz/Szo1v5GRqO076EjWf2yUF"
        "Wehp1Cn1XkjCqTsLcbceoIzJyKQIdeuO71pp9mHv+WYsG/RjNtGN8ml56otDLC/OYUFoOGnPgxqFuhVvo2hlIxuDdZww4J53hFCj"
        "VbKszI+lwCeT/lTBwB9Tusjmd5w+OD409GsAIYLp2hFOb8hZmX08KcsUtpz44ZNEOo65Ri5rzOAG1FG5Lb2rT7efIg/zms1rHox1"
        "EdZcK6L/5k8hnU8frFYIIfZfr3ifHmVRs459IdTYX4Trf/PBUejxV5xqOn/+x+EhVti5MZlx01fE+Mf4cd4RC15ko6UgihA8Mxyw"
        "dIlCJqv/MMYJDB6cZqaMOjBruw+YvPo+J/KJS1lhL87R0fjDx7KFjoWlip7bNWo9vEvvd605F4uGR1/rUZlqWMtZnA5avxpldRkl"
        "EwhRwtd0pk356BXhdb3LT2fWUZnOwpmbsXEubshVoZwn6v37x18ohwAAAABgq2oKMyWi/Q2xk+EjLM/FvN0ZmKNqfvrPbyRpPh+f"
        "nRun0dU795mOmVqzzxwkZD2vtJ/nxHvqv6ngn/Gn3h3cLfqBscGbg3JXUmnbESROwe8tI8fkgE7nh0f2fsopX1sWylIl/3mduW57"
        "bTLGo+DRgWEZWecvOwp83VXYeeOM8kWqqKuVWz3L4eK/lRGNVFJlPRC3A6h4eUZeqAC1EX07OlaFosY74Y4BAAAA/39zchbRVKqh"
        "vDRS749T52DV9Z9JmYV2DOyMotddnSrwjJH0UZCstR2S39/i7OTWeIjghC7oGkuyiSnb/oeihVFm9mpoQThVFnhv8qGKsYSoTziA"
        "hnE/xMYO3ssb6PbxrG3Nf7bsxlMtD38XZdkXhr4Q4H9VoC4bG7j0zY+0DNIJosvHsWizckz50iV+gO/ZYLZmsK2XVtv+W+X5nKRL"
        "BW1ZrVzHJafcdx4fz2t1P2b7sXjoWw9RJTKCvS1eQ+olQylRc39DXKu0uKBEVE3c683fsKHD3wIAAADYGl5WLAVY5IrqhXJCWlFw"
        "u/jZv6iT6V5yoTQoNOekx24DN49Ch8xsteTDis3XShJp2t7SKRIbPp+hSpAdAAAAsCnEVtvq6CB/N5RHSJpkJrKCv/Z0wsQ34Grz"
        "t4t7IR0AAAAA/BehzBjXYXxMywjBdaAz173tl9EFE0gFAAAA2Owm/LlpYVipb3TjtrtUqejpLzcRF3cz5qV6d8wqxit2q+V2y0JI"
        "AAAAAEAUftEQHeNytPaImw3xtsE7dNQMlUMQxnex2Y5KL4ZOifruo+KdhRPs9U+oiFGWhqJ4IAM9NFmSmo6QCOkFDjt+L0LCXIWn"
        "eX0OnBPbvHF5xaPhLFaxjpW3rIV1hdwE62myaMjxYs1tkDwAAACwucSpCaKCtmHlbSX6+OalpY/+HJyR2+o02oyx08RqaHjKzira"
        "Yx+S9//LBNTb26z57oprWkO68HB7tPDz5AUXUoRJm6zoXEj4p5UivJViAwQLAAAAAAAAAABsJSoWkUHxWPmbEqtHjzuocLFp/iHn"
        "3p+Vutwk7fNC2uenNoyl7EX/r39e0aKMUbIvWkFgAAAAwFa0MXo9jH5O72S7acKqtWVw/2LqyrXqUrey3s+Qps9rCJ1TJqpFxyKF"
        "hEhVyAoAAADY4lbtq+tdCvapkwNz9trG8iqynUqi1mUQT+aRroZIoeEfOv/zNsJYTmV8ZsI3uruaqH1/bD/pUx/qrlsfMbXnCc/U"
        "Trde945PU3w930Q6/Y1iKsZcclJ377TDqvWNjlxt+dVoCiQPAAAAAAAAAABsCnGUKRLGgxAy2fVlZatAMDNfFFimt+xFS3x9pYnd"
        "kZlYPiWFIE3jdwuSZ44curyBLh0bycKQXZbWHgptLggp5DtkJlHZzuYZym03J0ggSCiNQHtHRPG3heg0rx5/l4PyoxNWy3nlajHd"
        "6DDaxe9JmDNK8/dMMNSeH7nArT3alRUujSATpadoT1DJf7/GuSEyho7dFe+rZJAWbNBpdSKltE5PmXHe9ifsveOWRToZ5md2cAym"
        "CAONn6TMSXBPAQAAgM2tadiKQuLgXZVDWmsxiQaFocE/05lptl85Vz5Tm85P9xU4Tdvg58ju/drRBO6seEKPgPUXwRdsfYFN9JD4"
        "LU9xzSsU9nLeLa9lykzVby/INtbzWt2bbKeRcVZT1FQNvJV0ds1+/Q9YOUWD"
    ),
    "lz4": (
        "eNrt3VlQE2keAPDAoAIyJAIqDgjKIgMMh3KPy6mLCoyDcu9IAojgCghGNBwGkkFRjmEAQ0REZAE55M6wXIMQRlmiC9nsDHInAnLK"
        "fQcSkt6kZrdqH3b3YV+2oP6/rup/99ffVf/uh++huzpyYJbDClU8q4y6EaagnXcxUXaPvLRH0LHLL7ykTkk9lZQ4Wro7/xe16FLV"
        "Kv+sDeeEw4wbcXudW6mK6L95ThsfaTii+ZjTb+uOL3FTHxjjUlo2CVcZQ9GMR4XpPYRCSVWPlY+DvQ4BLUYqdcWnO+Pf1FOMZL84"
        "kSOPN2h756Ohw7e5rfop3rLNPGrJy1gH/Wnxye6IsPncmKXJtdnU7ElPprUqbujBVChjrjm0U+DRie4Q8kqwY/O/lHQu2UaUsRcY"
        "L3vZ2rqz3VxGdzKxcT+DWx+xJ+r97DuVqNBa82ThHM5yxPfdQJWr5bBfTHEf64mKfSiaZx9qlcgK9p74/K5fOYW6pnZw/IvXI7Hf"
        "C5h4Yxxr3SNdpdmvX31mvWbCglVglFlcdmVplXrRfDCJMUq0DFrlGhxO4/7kPPd+3uKwacTuuVhDbKU+rkJfH9sX4q2sb+jjdNCM"
        "MJhT3lhjVML9IUXYwAl274r3KEg3YP8eW1GU7BmUGXyQdG6BzTedu5JnPJad96Gac8ity6m2cDyIx7nM871uhUU21+dq13xi6WuD"
        "zSrBEZ5d1ORKxGbYa7omjeTXroTyQj7pQf65iU5QAAAAANipblzQF24sR9LwWvO5evzU+Dfop9J4zbaQBM22B4Ybd5hZGB+qaYuJ"
        "tc4Z4rpeoj9lmcanubTzFXMZWruqVEQdbLkOtUQvEttNRMeqCl25T6Io+ClVZrZm0W9OMNtNrt78x0DCiIeNxZTSDHPFpnRf3bCv"
        "z5cO3Fra0rpd6DPJbAvNZdH9fYgyaqKKvje3ksTx1zXIniuCBQQRHQz7diAISw/uGAAAAPD/t5ie0/TWQTlBEsWmUTEhaZhHuDiV"
        "hsCZ+B9/vlS97KLXLFGZKDGYF5Kw17+4SGco82URKSoj69uxZnuJ/31Qst+lsLqacX7HpV5Lhqt5oKSojFeBjP61a3Oj0sqmoqCx"
        "OiT19J254gEr7/HOmciSUWEml97zudbcVe/8ktHGlKqzK1KiNiTTIXXCUY+ZSearNPZDB/b9HxwzDDWxp2n7ah2p+qmszOlsM2ZF"
        "X55j/jXKn2MHkbcVsShUg52ueOrKtb7SomArQIv23xUIuUIbcWn9hIB0RgKeCwAAAGBH+KPPDJNgJlovYFdUnTmPZURFU87aZW4v"
        "PPqHjeLLP/MuKv+Kqm1ooxCgm8RyQ5uer5M98MlWo5LwBOQOAAAA2BZa+vMoimQ/ZWmytQIdS+ZXGeNuPDluXH3ZLloGsgMAAACA"
        "/2KYsPb8T/TV7xpXnpfnmJdlpDeNX4OsAAAAANvdIi2cYYGJs1Wyvavdn6J04M6wFW93X2TctXvcpJ+SplKZU1KQJAAAAACgtNLs"
        "xcHYSUMcBOLXBo+fRcKE6iiU7/5Ng8zjj2qSRWW2iPjNwlbK2iYi4q9nryuu6If4tLsfUpfgLas5UTG/dtg6+pyXMvCCWn1Xqs7D"
        "+mLTeCzponN0nQKBiFNvJUUpSqBQ5AsOsBABAAAAtpnWVMFJMwlMQh5qOiqn273nQP0b5mjR/Ad5DQXMvn3l97hJmmlu9L3/0gKp"
        "rwtN+nKhUDVcnR/weIHnrjBewJv4Q4ai6NrQ2MaCMz1a9yZ8qAAAAAAAAAAAAOwg5JTDJ+vsMAmvUETVI4Up4RgGzVzrlmacwbBk"
        "5bhkpe+4/LN7ZTSTEf5DmwV6R5kaZAwAAADYibaa5j6cyXK59zhYbikmkl368dACK9Cz+Jvi/Siye9DK045rll+HT/FWpiwhVwAA"
        "AMAOt0gJxBc46pza6jE6dn9jwMcw221mFY2qJlx/Fv6R56f6dNd/bGo922fn+NpWafewQ9DewKMG3g26SuzGZWnO+mcaSt5KXxkM"
        "27GjnsSdXZJtl8/5Fq8kc/sYUf3lxHlF6a0mG8g8AAAAAAAAAACwPSB/4Z8sX37fnttxOZXL5Yw6937jOltjgn7dTKZk66CxHTIo"
        "FJn+pZMi5zruxy1kJrxB/7db+dMrrnxSCQ/ZOi4gcE0SYqMRVtbtZUkUathkxYTJFdJ1+Uj3IJ5uQUMmF+SWsINYm9V8pBbJnZwd"
        "xFi34+U6MO2az7Kn2Qcm+10qRdMg1p5z5ZL+/RTJLMKs8i4/ZbnX1clOV9FHGuobomWrLphcOHqfbP8y5hinMI6ab8nywk0tOvvA"
        "HQUAAAC2OSE2eimm71ZMbtiDore08zEWvSM/48Ll1nRMuQIznEsJoWzk9Iy/u3BUXlS5ulOY2ycMqGPREIb57gjxwiFgHWlbN6yJ"
        "+V5g03KiQfxrSmJX2yvS6D5bjfRzmgqJvxOFWPMoyTdxp2z+DoIqQuc="
    ),
}
EROFS: Final[dict[str, str]] = {
    "lzma": (
        "eNoBQAa/+XjaY2AYBaNgFIxU8Ojh1wcT1xVPZQayeRhUGdixqGEiwTxlNPWmBNTzATEjHnkWIH7ryMyQAuX/BwJk9apQ2gNoK4zt"
        "CWRrQdneQNN1oOwQoLg+lB0OFDeEsuOBbD09vcT0xMw8vaTMvNSS5Jz8vHQQszgjv6gEn/tBfl3SyMiQ+RZveDXg9x8T3I0g/zEj"
        "ycPEVZD8pwpkG0PZ6hC3Z+QXlxTjc9+CNkYUO2EA6u4GQv5jQxJjRWJzljARpV/kLEIM2Sx+AvrZoPqVHSGhAvIFehoVB4kKMGqA"
        "5JgUDBVAJrIo6INptgeMHQxqDVwPmE4wmDXwPWDmYHRrEHrA4sFY1wCSF3vA2sGY1iD1gO0EY1mD3AN2Dqa2BqUHHB5MdmB5NQVe"
        "sDkaCtxgWkuBE0zrKLCDaT0FVjBtoMAMpo0UGMG0MiNp+WYUjIJRMApGwSgYBaNgFIyCUTAKRsEoGAWjYBSMglEw9MEim/zf+//N"
        "/GkgX37F4saLBfv3eBw/7VhX3PI46fJi/StsyVM/67mHX9Revt50ddq77eqt87kY1bTWl37lt3kU+I83tW3OlMj1dRHzDvw66cu7"
        "Vcc4yf7ZvNjzoeqdfDclYzi+FWzJ3LrgzP5WiyoG95VLSuzO/HmwZNORpZMX9rddM7p2m8/Jxj5l/WMlNsN5McbXWvdO2RM7l724"
        "b+WsoM39EYKKd3P4cgsD7x7rThc/eNj+QYfScvlcXtkNtY+vruO5eyhxgoHoh3B9l1OXbA74r5tcu83AJveIHrdC0KaAIw8FzQq3"
        "6eT4M2qb3uOqvbuncV5B877bcYsDdJQaGv+GfxPycXg2Tdq3bhNT6qK9R6O1jgfLRyRG7mfWtpZIlTi3OvNZ4ZqdsnmbwxjO7p44"
        "rVDL5u/0dYY90736pk3dXr015fXqwIli2p+zBDZsiFhyMar0CYuE84fH9d035r7dPM/7odGPKUzXrV40GcT8nLn5eyb/oeBCftvk"
        "N8vjlGKX8y2ebVTyYNrdvd3FAYcCr1vebn4mVuqqxsfN8nSl7pmP70T1xTdXX7i96v/t5pOHTkVGls1M3C11RNh5ecQeWW2+W692"
        "bZjtllviXOJmVX2J4wT3m4/5paz3123rsr5y6qPKmRnCAs6xZ/Iupd5ifmQpvTCxx+XWteRvfm/W6LzedlL8jLWqqmPz9j/yQap/"
        "tuaVTVYTKb79qK5m0bzvG7etm5R0/Y/by4Nec+Ju32DgdeSpaFA0Y39up/hszqX4N1/nmfa6/5LTjD96e0JnIeP5hjhmOw1t87fv"
        "5Ll6zrjbS65K33hWStsvOPmqwdTP+Zd+VcZ+0f9hdO7Jl3fG6yQO836NePHVLKNbocsgPDVe/9PeBfG+/GVnvu0LWf84MnH+ir6a"
        "Ew71+7vnnVojePu+y9WfTdMKmreaqxwN08tO7GroMgr4uIzXevbGtq+2Ab+Pvf/mquHxaM/b/8vCnULlJdPXXdba/zUkQOGwj/rD"
        "GdlBPydsbjpw7/trccFPjLrtj3byfZr33oTlwNmVy9O1As7rK0qrNb5YqfJXLb79f6TC+Ytflx4uFFVxv3loxvIpXGInV+n1fGb3"
        "kjav2HXvxIYpZ5M71bqCOxVkFn/bL7PrfLjiJ6alAV95y/7v5pLZqmt94kUm05IWhbXZrSzVqiu+P/Q2YmMJm3py75qkZw6rbGsO"
        "i4ZfLxV5cn7ORMEPARz/2c8ZaW95nRAxd+OnnZvVQl+dlPrfemTOhMv65+wMOLXZ+1/qd3kct3jCVrqh8s079icphwP9NthtnhGe"
        "Xt+4dfGG7rsTstfulX17bKvSzq2318zfU1yhviz/hsJ2+fezFq+Y3C0+7VfV8qO73T5n9IcqBpa5rxA9wvSy5sZKRZX5E7dNvrL6"
        "r2j8krSKPY4ryq8cMfRR1WFe/ewj0+J5LhO9k2947ZzfnHNtxWfPN3690o1ci/fKBRae1W6IOfKreY+Fyi2GSf8kj71+tqwt7K7G"
        "FmeHJcqOE9fttua61MTq3lglVla2bhHDeSUZlxkbLy3ZGHYj5KSE76+0xsxjEzvNL9cdYrjtf2J9d+WisIyUp+6CHD2alSv0j8Rc"
        "eBee8kv/2tOzu9v/lyWH7/XjmbFGw2ip39NEACNblLnWQWnX"
    ),
    "deflate": (
        "eNrtmWdQk9vaht2gsC2AW0QPCOJWgS0YcKsYIDRhKwKKCgJbWmxIL6GFHpWjKFVFiTQDKiAgYAk1JlEQkJ5QgikEpSZAEumSBHLW"
        "y3zfzPnx/TzzzZwZZ97Jy3Pd93OvZ62VyR8iGTwW+r6SI+PHjKbsWW9p7WfB2x9t0b67t+Fo/d5D6zW27OFuTcy90/FBtTVKRQll"
        "/S5p2Iay4/H+W8MVN7ZlHzS8d8r02p0fEWbd71xpBIGgnCHkqZNLh+JKOUFDJGw7MY5ghjnnzjO4Z336yiom77lVhepuw6+khLpn"
        "4ePG3NEVdY8MwVAkeZiKY0map+aMZjFxpvGV7/RDDdW4M4PeIeJvy1olVXm5ErdKxXJswcI1rUSHm7Scv5hyK2PXqRE5igPM5sqS"
        "cwXuvoQKojZewChzkMibRC/ZpDr31s/zByQYiThtjupqmFvhNYMSLxpKPCUnXFmqhV8Nw9OTcN3lm8znSmMpYm0FfH7bBk9tWbyO"
        "ZGBJNLCS0XtgKXElY0qhWzJCwP5oXI067EI+FeSyjRyDZfus9G7zsryyLePJp/2af0J7+/c/59TzbitMZBWre/dcExeVEDP76CIm"
        "tsaubXAsjTX0argSPsF6FzCsNyd/1OTw9NdRvPrToRX3Hr7KGRvPhbbSYJ8via2KZx/rHSpsaTgwYVtBCL4+c7YmItzI8HXHTAp5"
        "ANd/YGJFQMSFB/ssVvcEHBa4VUbfMkNJOmwciwbUI4MdcPvK31ph3k+tFiEDVWaHbxV5msbXiVOYaJelZd+uiRIr59W3oadPCtvS"
        "uIItB3s9aTWbmeVc0oRgl5OeRJeIvl6MJJNCXsw9H3LOGzq1GxH9KtE/U//yj65KuPvLaLiVL7dEafF1d6UcMWqxke+40y3+kjl/"
        "Go6A1YaRbPlJvTt2R2IaeaFwjEoVrJC5jGOMV4ShF6bVF7tUPcbpF+FkGzbiant5a5AW5sL0dLktPFttWdhyz4GBods7kQ4vURYj"
        "cO5xvPI+F+cd2/nV/q0psw5+mBmHsg2iUlVXQ/R1XoetX9kxuzbJSBncyION93SSRLh28f1mZuIQkviRqoftNJ7queHnaf09O01+"
        "WDRTqtR3I7Jj+Z9wbASBLJL1vcyQifFt7ebm2PWfYrI0S3q4+eMIZhOp2GyFonYknkkRaj08lunOvDyM5Vm55+Xgw1aRTk87jvBH"
        "PyvJVS+a1AaG0poN0R5Db/t0ViO7BUGP3ktiibe4jdmk6GL+TUcNndMB1YJoJxt2n3HVOOaIaJhXl/i20YPgV+5NfSlY/TYkWbR+"
        "MBJwmNbemewiCan68TFo0iz+Oq+Plp6nazD3iZUy/LirkllLPtfGrSoh0LAlf3J6UuMQ86tkJKI+yjLZOtQWP7j0/YHe5ME++uZZ"
        "49AXHktIBpxh/3IAn9LTMoC38whZYTTEGupdUIkKOD/5+qgI62pmPL+S/tjj4qFZOyYhwaqjezX2IikvgSbXzc7BT/SsGm0W6Gm6"
        "+LOpkZKv7/qXYAGkFUIp01nVGCWm8HToBAb5sI8nuVxRYcVgoiRdVo3xnV6q/o6AU+35TpwOTaxOUY+j7iiLX1lyJLTPs0lXJ2qD"
        "vF50s85x2OVoogZcT4ntfK09q8SrnhblvSIKkBlqm9zFdjdAt2c6qcmK4y95cisjOuy0l9t1hs5koS93V5rB/d+Zcv9aNUHHxEm4"
        "D8NxHm5EoZh7cyEqght8lrHgN+akh0CgsR2xRa1aojYS+nr4PZO4yTQcWvvHpfEffRYtTmmwh1EokTikLM0N6expZX9Px4x2JqeP"
        "6FWHOrFU2VPDTzF+Q+BlocfF84EP+s6mBbGDlykzGc474WxRcjQxlpCUdSKtalf8Il/2ogINRxNHP+5KdZJb4RIzKtkOGlO3xyaQ"
        "vuIm9E6csEEvOIafX4mllREmWx+NKSu7nk1nfqdXPLqTpa7vf148XGrv3MUnGQdGvCnwzDQLDw5cmNA7zQiPomcZX0UvqA7oTPnf"
        "xwdE3dMPt1LtfGOA7OlcPhPI2sg/aI2rmbDgTSdpXcfYh33Zu9TwZs7h7wTe0Pt3PwbrtPgXwzhtnUYE+U6Ok75+dwKOt4vxx8jn"
        "UkUHsyf9qNkPiorJanHC251INV0MzKpxefFN105mtQHJfzYIW1008KRurMqW7u67nRl2xSMieuxVx6fmT82SstRKSWyDIYH4IV98"
        "NdQg0UGTeM5vDOe8+ho9TSvNs8K65EbMrwysCqdGkHJ/OEm411N9++dszd74ihuk9M3cly7XdC4trqAYo1LSTme+0MbqFGRf4Mkz"
        "jMk5ay4ip/Wesla8wfeAx5b7FuUNegnHc1Iz+OL3Vz49Gn4WkkeXLYPtOqT5vLmO2K49RAxdXpZxVYln/OCp5VXU+NPKZ/cpdPr/"
        "KaIW0YUdoinNefG4QXvk+CL3uOPshS+PyJM1cAzpQnhnSb8aBlcnqfExEx9buNQ/4eRWf2RkeFwIc46nRru2X9XDlhjE/+1S3mQY"
        "bWq2Mkg2MSoLKIZXu8e9DyCGeBXDJaOM2svFOIGRWIzYiRbEaBf2ZbfghAvfE22LPZ3bCRdG9SK8j9t0qn1DVvK5OUbHTPyW4WoM"
        "nviy3ZKxRoRJxCX2bIb63fN5c6vlNmdjqmJ6hyLsnuCjnUuw42qs2pks7kSpIIrgU9U2oBDvyPs8IaiOruV9SGj3qhQgiB/zG+jV"
        "413KgwjB38Qr9LFQpN1nuxxcdk+1cNm0xvTiA8FHap3XtDC2/x3RThJWO/1G26TFzG2+qaslaRDbU8TcVx5NQg3Phnp2l0e9pjzl"
        "Y9MDS6jjxOOJZ3niZ6gacr9A/zXr/m+IHWPLl/3HX89NZWJqMDGz/Fcf+9M9VXVWW+smyR3qqEv0TM92LC42SrjJ1B/Vf1kLDn6i"
        "mLcNncltf7+beo5wTuomhy8ycker6dxEhSDOIX5I1VJiYc2rgUmaakZPVYy+6UzffWwF7x8r/M/LXgjjhmRxFPfNowAkWsW0pGGy"
        "AatQZTDo96H1Y3ds8KT/t31qgbTs6EkeDz7l5oGwZ8Uuzg9vuJ0dwUNErrSWOnepdWxv0nYsjR+9ZlDz4bGl62IcXSQqE1RynmbO"
        "DOh1h5voR7frtF8jMtUXVKqqnRfqpqrnhaFzIznkwPfBAwW7Ch9qx0WGzqV3d7gcw+0MYNeNJQmSgyrIZMoYLdmPxaNplw/d8eue"
        "UF1Stt00zsPCXPo6jngHtC87H+n2QNTDQpuK04OyakcfhGZZVqJLegVYpVSzP6JIfw9cjCGX0qP+GlKS9Yias5lCq8ShVr4Iimu2"
        "B1RpiYN7n1X4jePpNMEpmtjJL1vOZvefmlWnGAoBgTh6T3Boxt7KSoOFpmcXdUr1iIyRuucZXR2w3HlU2+hMp6hTBCvhTFco00Wf"
        "/GZp3zUTMRi0RSsiMVM1+2jJ4JM+RGplPDO4k11aH8jL25mm+nnhzNNUuuPbAd0Kp9DTacxZ89luDOmNjxgpH484sODfXo4+Gwu/"
        "3vNw9FFRodcO5gL921Rr3ITatA96yJQaNzc+/YtH+s0MebTf0okm9sXGdwikB0Y8muIrgMF2xIegxd0wJFvk1+poiVlBLd2fzdAt"
        "h7kQ/WmrFcVJLwqvdckbDbSrsPnm1KRk+YPKIZxgQqynrFyZ8Ewyeneb/nCnfpmv3GB0ba/OiU8F3O5MU9EcAsYP1EWW+OLw8zro"
        "h14pgYMxjksmy9kw7x/2El2mfEqHW93806DEpSHUm4muWxrFj1Rcoj4iaez48Bh6sUvN6uLkS5SDylmxz6Cz+/X55YW+p8YTyV1R"
        "E+yWpPdMzPLtAxcVHDsY0e+m4CPXHX2z9J/KqYnphfda5HmfVWNHaE1Dm3VXX43WInAmK1dw4WVDgfTfdUYKsPx5Crwinv21brS6"
        "M54rGhzfeWRRS63O3ril6I6AdoCQL9mcfCzeOW7m5bPeZfaIjl2HWoTum1MHtyV/2vvvL8nnK3JuripIsm8R/p+S+2mV51cEA4Jx"
        "caPSS8MtHukqktYHGJVyEcXNTvNozRGl7JYsqc6p03fGQzWPzyEUCzbkbqTc6orkmHQZ/BHabFF3REY7l3qOm3KrvusUh9jlShGp"
        "ShOHWm+Yfk25sSPkjqV6WE+BgmFjvgLCsuB23u8Uq9yPlL1dezjPu8w5V7vWeZ8vNsM/yZBxtDPjjNghOYp26t6oYjj+n72bhS96"
        "FYWPeqVderjysLGwhMyIeot2A/d8z7wL3obFR/Dveze6fOT+Ws4Ju2HKwyeajuATTKe8vTWKYfi3vTLC3F4VlyafDXFsn41xH6MU"
        "Xfp9fomj+siXjx9NII2+MC9DnCnQ/9rm02IdomJpUvwbvmhOZt5zIpyjY2fJweXKUJzzhBQXOxOOn91hfLXDThfZir6IZ1ZVBa1U"
        "nWFa8upJlpCK+BSwlXiVdYdK3rq0wEGmiE7Obxw+lmR6ntVM1Uph7hd+QuWcHNoTaDOfOnwsmXSZNU6FpzH3MqRRQymLp1iZ1N1J"
        "TG3GVZSrVcyhwBzv9OaAXbxvtUaMERTzBNmctUjV21ZjOb+5CfxgXUEhTpAvsbqoeipwfeHtkYh78ajaaoSR1HBEctrd2sHn+/YH"
        "pnPu3mMqQmM+L1mPR4f9s4mnqIZCiU5aXWLFU39ThsOMLEYW09O+1Eo/22fA/8C5m4b4w6hhRD4t7Uet5bMje/gUTspdxEEjy+Ei"
        "K6/TrG9U5e3ov8JONnXe7Xpdq2k0MkxSyruJsjrpdY11nqqsgg4La25WU8z7iGo56RXGQlGVd6Njw5pb8rZu3Iq+st+CZR1ZGPvi"
        "hAfn0an7tQ77zg9fP9nwacH6hc8DJ8MUvdY9WfskTEpu11Fv3chCvdAEW1KHtO7yYb3a0fbYrw/15gA4uE53+e0eAGI+aCAPB7di"
        "Vd1mC9dhYw981EDWA49gAzY2Sh3oIgBMIfNWUMhCxXrd5dnLoOM2VEgB5VegWEGFDCj+AMUVEKAE3i0Q/AVAA1BsAxC3Hhu7vB0U"
        "D0FhexOMIQfULQC8BaAdAgoASAGQBNllgB1SvUCQkxQ29qKy2+xYKFDKbtiSYneDYjNU3ALFb26znvpgKj0Q8koehMiAvv0A7Abv"
        "bOBCQmGbQGEGHLFKwA4DaiVkh4aQBwq08QywFE0aLKUOHNLAIQcACQTOyoEiFZzWMRBEXw9UBwAOgJYckOEPLbkBZMCBvRpsk74J"
        "OPyAIwC0VIPTLIEEEEwHY3vKAkENgAiwKTrYlKc2aNUFWQSwl2noHBEA7AYgBgIbAIADYAqACAKy4DrlQBsG5EiDBeTBioa/gvO4"
        "BIAlBMCKhluAwwi0fQNtVuDEOsAF+wCRBPJC9gPhPCSAb4Mq+HqEHAQABUALALngxkP2AmANgBYEwEWHQEOeBguYgrcPEIZksNvr"
        "XnzWOKF7IMT6gW2Sm/3ow70/0X8MbZBy37S+frvZU5kTWKmb/1v+GnZgK8d+D6XQPN/2pvlP4b9C2F03+uDnx//bx/aQsAOjHHtx"
        "pMp2902G9f9TfqYW3n9u+7sV1iJN97bqT+G/QvAJsc6wzXbrGX2oiT1a96JV48xP9B9Db7e4gydJ/WzCM9vMgp/Pf81zx+3w6MPf"
        "sVvqrn3WsNRVDmm9/xP9x5BbSGuqW7ZU50Z27QPbjPy6j7vgIT5SR/UiR07qpiaMywaxPhf+Sbn1NXVX3dFNbR+AyoW9XAfRLS83"
        "Qz2NBUs34YGjPYc40mum9cI9UK/cLdMtkCydn34DyPYq8+e/N6e6TW6GbYIwsWDTe9Q+bLQFbi2LT9kGNfcpCbdDzYUWtlCmvZa3"
        "8lrTOpgs1MTLV4IGKIHN+0DYVy5uBxTiYqGTALk3eyutYZm4XyCcbYFcD2U3U7BrY8t5y63Jvy6shZjOe0KlzZ3VjZB70txvbRt+"
        "FAY0ybw2XheahChVvra0foEc1HVgo9AIwo6Jx6SgbF+KJuS+oJQtBbm6LXOgSXpCKXDoHEu24ZUgt4l0gDQkKxWoQEu1WTLX5r3o"
        "bQVNoC3HWzspjQL3tTmtveFrWJ73C4TTLWPWzuJPb3UIR29hKEAhSeaitZDLHPM1/KvRPyC86XjiLWiCFUoYhOt3GklBeH8fdAnb"
        "EtPWTiQm//naeOvCDkLjjSWkrV2zMeUetJlHm42UoZ7hMoKcZKRqsI4rFGBYS4YkTPBTM2MFuLnuDwzpZqsZHyP+oDmBG0iXLMWc"
        "koystsws5pbeSBJo5bmOJYw7RuUvO+p6H38sLVwnWeIj8v6v/y6uSs+FlvQU2sIGqwnDQqNd7bQSsn4Uipc6NjBAz3ofFdNkc4YW"
        "9OVJrPhBUbcu58u1RuRQ/EhrVLjfGZxbUfCVRknjrk3fuZIN45bNzf8CYb9R7A=="
    ),
    "zstd": (
        "eNoBzAUz+njaY2AYBaNgFIxU8Ojh1wdBQXNYmIFsHgZVBjYsahhJME8YiDlIUA+0jx2fPAsQv3VkZkiB8v8DAbJ7VKG0BwMTnO0J"
        "ZGtB2d5A1/tB2SFA8UAoOxwoXgplxwPZenp6iemJmXl6SZl5qSXJOfl56SBmcUZ+UQkB9zMsaWRkyHyLEGNCDT0WfgZg6AowaoDc"
        "zaTArQCSZ1HgBNNsCuxgmkOBFUxzKTCDaR4FRjCdyQsxT2Or/t+EzDd75Rmm2FWIzY5uskna5rP86Q/XLOETVy/k+50L0orYo91V"
        "4XvejHPDN9fAP9c+VCifbp8u83uiS4rqLQmNbKuN7yfH8eytyvzWZel2KuV/xU2bZQITlpif3rb50ilej/74OecNIhOaMzaVTXbe"
        "zXDhXPmEpdYTVbPNeTqqVSqlQi2X/f5dcLSdr2fiutjVhX98umR8k3YqaJu9q2G/a9nFyb64wHxvj2XktfXhZhzBOaZSD+Pi42wP"
        "V5+JfdW1zfE5/wFnKY4u2Qyv93r77aJrOar0FHUE+VplqvPvaAQvkavdmMn97vvKg9JWau/KXwQz/76cw9qafSoym/u0S9qXz/yM"
        "kkukH+388/pX4bXGio1is1sPNPWe39NhrvZHgWdG9aoZareyly2OSLHKXKrbNuO6nppIj/PCOVM/CMZF+mT0zc+bdGHP7dtZpRLV"
        "xfpHJ7fH1XUkpGQ7fKwWOH96wqLj4kvu50SW7dxroSCrc8nw6rLLfM3qPnPOXj8z67BBk9MO2zCpohCFiNJ6Tec/zCvCY4qzYoP2"
        "nj+2pqC66QWH6YK5TtFx3sfOn8yd/lDPtkAjIW3B+icT70wKfHtVRf5K3bwnLo5X2/ifVgZnBUamu5zy/Z7f+dBu10a5WVJx3H3B"
        "5qcb5V5/yA/OrF3Y9iPeu00h7MKOXR3rCprnnn8jM+/HzNwVVuvCZ9bIKj538/rb1GDcxffizslZi54kX9sY4bFJq2D5qgUx4Uxr"
        "2GJSzxVukX8p5b9dS7L496sHAvEzgvesZ3tz8KD8wxfBxjNDqoL+X/94fqb5r7cH1XfHffnaP9nz3EmrEx8OWc7UU9x47T3btljT"
        "wDnTud7n5d/99fnWYkOLunLRit/GnSald9/JrrzG+WvpeU+W+e7fz4iE8vAfPfjovNcqb9PU1Ye9l3yayRUR0f9AsvvzGdsbz+yO"
        "7GlJF8iYXnj8n3HQ/6uez89cZHXo3boptNScPyfYQ8CNo/HZ5MtPXsg/5wjZ/27BqbLHqfK+vu/rdk0N+SnQ2XP49yy+t+2e1g+P"
        "MVSn2yuW7L4k2XBKiKPqsKGaiGcV47qGG4/y06YsvOH4xzbUPyT1xkpzi2ttLIce3Lxg/P6C59df7JOdypQbZ6flzsn03+Xp9q1T"
        "2tggUC1hL48b42F97f+hnxZNkVj4NmZSvHrKlulFCzafOLjvPFOxwPImsZAJ/Z53tbZMSrwlVrh/f9Hrh8mu1lZPj6RPWSPyvCj1"
        "7df0h5wfeiq4Jt6ePTfxi9b0t+wFhtZth26f7bA/0rgkv0p+4gGtBz/7plT6/rD+snyj2fFI+S/nnKcee6wQ8ePvjQxO07uTrZSe"
        "5wus3/X7Sdbfl2o5ZwUWrtt6Un/hvOeOoZtkjHbnih/iMDjOtOAt9wFPpvAdZvJfWeW3MDG8eH3mdes8rjAHDrzlIxODDlL5yIwk"
        "Dyv7VJDKR1UguxzKVoeUfRn5xSXF+Mq3BW2MKHYiwH9m1PJNFFq+CUPKtweMHQxqDVwPmE4wmDXwPWDmYHRrEHrA4sHI1wCSF4OW"
        "cwvYEOXcApBlc+UZWuxGC7rRgm60oBv+BR0jw4ts1uvPlXixlm+g8ocNqXxjRZIHN9C4CLfPRM6iiiGAOQNq+cUJLb/Yoe0zVmj7"
        "jBnaPoOUVyLI7TKRM7mMDCZMGSUlBcVW+voFOYl5JakpeqkVibkFOal6yXn6ZYYKOcCGJRcjQ3G6VKwtIwAylU6Kr90j6g=="
    ),
    "zstd dedupe": (
        "eNoBUQau+Xja7dp5UBNXGADwzUEIhxAVURDNWuUo2CBFiIAgiFAiUAYDAqOGK4EEQhIOMYLagIpI8eBwADkMingOFDyqHCLigVyh"
        "WhAPpomi4BFABUUC0mSllqnX8EenM/b9/vm+3fdm933vbTLzkoUgAAD+r+5LBsUvnqAXYOS5OqQP4T7SBzuJ6ymug59Ef/n9lD7X"
        "rri31AED0cePx+RQE9r1x6MLhH6fU+S58XjuCqEg0njuJT9vNp77yM9bjOf+ij4kUmBoIItDCmJxGDHBbC4nVJFGM7lRMV8YP1SU"
        "gIJY0nfHirGh/9FHWTErBJQR0garwYp2LKyCRBysjEQ8rIREVRiDRHUYhUTWlA+v9+H8oKGFE+YHM6H9r9oXTJgffXlOHs8N39XO"
        "5EbHRH+uPmES6n192E/Uh0bqmwFjkPqmIxEnRiVDBgJVMboeshRoiDF4lLNgmhjrgtIQKNq15XUqohD37tn5WH2K++Mm1DfxgUEW"
        "SPXL66PV/Pf64D4xfgwyfhUYi4xfGYk4+bpgkfXBIFFVPl5F1Joyuc8FAAAAAAAAAAAAAAAAAADAv8/ojOmovRHrWRURyrTja+eu"
        "SVwadNbtyMMhp7Dp9W2t3B9bVhn7Vpmk8N1Fliq/vHLyHGnv589v3JGlJ0tbQde/M8so3LqsL4OmXh3HepVi5dxAH+PfXlpM2FtE"
        "bjx76kbDFJc9/nmiRX4BW5nlsRmOlVBry4a9h23S9MPJ6snxCzbqelsVy2S8Kzs0UtNK1p2IHHFL0XMPOg+bWPZuUu60SlFRPsQj"
        "V6da+bWX+ljiqWwLXQnNn2ZbF9+07knKWYduzYuOuviUOcyVfaQauzWb8XGkeQunamzXi+feM6IWzd1cxlLrfX2sdra1Qe+GHipG"
        "dpOttD28wS9crXFFyMBLTZRO0ez750eeDke2J/DLtHO3X0zcJapKJhuMwOrZ8cezDe6EFx/ypVuzDn+XlH2LZKCV6liYt69/Ks3P"
        "jbn7ACe9teru3bD1s+KjTa9k7KBtSQ6gh9s/jyeIGvcevDaz6A+2X+z56iXwnIU3zNqKb2psNXTLa77VtL9uUeLyc7ardaO8YN/1"
        "P33rOII56rM2OmzdqmrR1ZO8+MQevIUwf/kamutV0fWILAnJlmcUECIs7Uq7l+4pbVtA/H1LQdcKh7YkzYcbqWGefqErGtxfc3dK"
        "7CrK5u7XpantppIbE+Y+7edSWZsLk4b8XZPg1a3nKpJLeFvzRc/0CoZyIo5al/jkbJozr9t55WiiwDxFo+fe9f0Hu4Lby3xdyo15"
        "R44L1/qgT+LWMloiTxMf63r8aqwTLXsiJvhnU6tKcc9qa4mSHqp5jlfcqrFbz0U55GFprWElbWBwTwal5bp1ff8lqxzSvLL2PtzZ"
        "dRaeeVmqfRxu5/DLO4fMlmzZMIMvM9+5eH1n75xj7SrDh0UU7IEfXjdpeatrXqm9L1p53NWCcaLOtehFjqqv7x6xzs8vm2w7Htld"
        "rtoWSmBmRV57a75qrI3S3fSbkv2uM+Xe68mabKoLwRmf8CjjZlcPsRvvVdMrbIh9wCC6u/dtqdjn9YawM7VOtl9DuoNiI7kKxYcu"
        "mxdTeUNH0DANH1dnZqBFiUOVCDruc0MyCzscRmy9PbwYHcfIS9qTsJfEt1vN+1opg8PKGctj5yfkhkTksTwqKM6vds42X+RpEFCt"
        "7oyqMzUZ835xMHNWoXRtur8h/XRWlPBUfe0FETqacCRR22vvHkqn8en0wDvakTU1UU8lwU421g8vh2ae1OqOYkgHQyUq/al81bS7"
        "ufmBA8ZZUmWemU3SpbvNycsuJxRx44hpF43Fb3ZnbnQfshk4UmZ5zY840OK47+oD2HdotIOpYtGZYf1NN5dQWiHrCht9bMBuJhSW"
        "nLluWljQ7eBdrvd9ZcTMS/hF19BCqdpFCtrnnCVxUIl4Gg316LwYDPJQMoGx7pDif5AQqfMFcxh8HwIAAAAAAADA17XbFxgp3t7K"
        "I0Lb7MB2H2z3wXb/69/uo6Aek6HBSheMG7LXHx2zrzGHl47nGgJbJMt/O6lXdQEAAAAAAAAAAAAA+M9+3bM30mqio6DFaGZMDC/a"
        "2tSUxw7kxDDoJAY/MILHZpCCOaaxZjCbxWGooqCbb5tLCpyQ7f/UXbdnEP4Ez1tb+GD3MW8="
    ),
}

RAR: Final[dict[str, str]] = {
    # rars 0.12.3, solid
    "1.5": (
        "eNplVgtUk0cW/vMgD/MkP5I0PAIRArVCEnwFiSSQ4NKKEK11WRXlBx9YX4GkLiqQhAAhRCuoLZGiBnRbam0brA8stIYkLLSgBhcVBTWhoNiiRqA0"
        "Ykw24nbP2bNzzsy9c+a7c+b7zsyduwoqCKejgQSbDAMQgDdtxdF9gCkCCPa5rzsAXWrAv7YkDnJmfVXSqvcLoAIZmxPLjYudP2snVLB9c0GMLDdv"
        "805oKXfWxTVyQBkJrMMAQDbWhy9CLPrXTPxCPyDMZ+VQzo7NpIlDL6wew2Eg0XYMbQ8A0A8D7K9KWxi2g2pP5WQoJHCggPoqgK5lknreVcKkR+xe"
        "5Of4sAvt0TFNf9UV0vOl0AUwgJ4fF96B1ROj01wrsJ/jahY2FLJsbOu9Ckw6GRIPV4SlKzO0t/HS4/Yu7QjecMLUrZ3A2zSWJVG/BjQWQ6coqQvM"
        "LELqScN25DeEwgOWTSz93LLxCnsqcE87QXAebTdp6cFherLD2oSDsRAHKf3xMLboCKUyHuJCPdrDROl7tougMIRcJ30svo2WsPqWNC9WnQcrQirr"
        "Da1gY0jLceXTsmeafVF6Pmxpw2V/Y6G52KECp0icDAP/eZjoBrgntKlO+gDTtrR5UUMFuJaBOYQYBtsYvLrs6TItkZwRXQLfL6JFGEoaFsBeim9q"
        "nJQigb4+22G9p3lBaRLYT9i8Q/lq7cuvRU253+KrB7I9v2Qnj+0KU/hfhtyoDk3w4k2C0ftAt+4TknijNDdlWuTSnSTxM4HhFFqiY5/jM+ra0NRz"
        "qvPUp8TJLGNx6YjoU+pRxtkse56fgZS60ZYAFascOGao6Ufhw/KX6kkdj75yb7i346WlLFDPX7m/fUT3O5ofU6noVQB9ujukonW2m7j7pIiNLQJh"
        "i3K0fBoxQD1PdxQkTehGCYYfnRN+VzV/UCkhvCsmRbuYUP290cPs12DYztDCVo4XPmQ5Q+1n8FoNg7hPSLfYv9IbCmGPcWdIHvZYiLRN6YEPqwvZ"
        "BoHwB+CZ3x3NWfYNhjW9ZU9yAWJa69Ygo+SJNbHqOvB30qYMckkyJLoAviL1Rxl4ENfhLpu2dIAnQvuPVXtzPrR4sZPopbJTmItw9Pa3ikJ+vt4l"
        "sA1IHpb3oceoU6SILNN+8zhCR31BHMtyKSAZdB33Av2UeiDE1aJ0+bnVZ3x6udaZvHAvdFU3hX5GVfoY2YpyCi3HKIN8f4HdCy8UfQGiGNaM4cQa"
        "fvu49ivigQwnP2lpu6fspmZZ1DSjK0P/96E8xCPKoEBaiv446i7DlR4tZ0KWaawL/QSsZGTXkUetbsvPYBXDlC6UN5Y4XolH0OmRo4p8geGxeETj"
        "BCkMd4ZzSU2i02OGLGpwkNGXYRRI640euMLgdQjIcrMY4UZ6VdVYL+IV8giqJ8pDcoEetBebQzRl9AtMJ13c8BiYNzkFMQIPXE1yBVULhEgnQZou"
        "9AI4m19YC4onDo9gZc5vFKLhTHIrGBeUH2455o8JT+h7aPoWl5uJxEqY1RNAIP60Sfk9AFdmYQJ1cdRfQgimu5J/0CvjuYfKsx/kbVt2Botg4sl3"
        "paPLev14P6kvBukDcvNEq+IMR2jVUMVtTVWscK6fhih5P3xLrG3JSsgsed+hpcqDajaUZzZZtsRmz+0oJ6atbl/GVnJz+lGjH8AOUEuCknaUtnwQ"
        "3o37bVZNnnrLXOM93Wl89KWk+7OMc8vbiLa1yjOz9VLzA/ThWCkH/h2hqQX4itLHg1GRzipEDgtY3ChEiVOrBzB6LnML4sMIjgTTtDB5G6IkIjO7"
        "LDm4/5jUhEWFkLXJlWm2XWVVRIPYoQH5waOfOjLn2EbFPoFqYZf9nR8x8yxMFhD/nFGeV5f9WNxGdKeanpSN+MkGXRkJm8DGcUsJm8OBX8RHt9md"
        "KUPlyub2YV0gzbEO5c6y56Tso9VkW8zUXYHMdvSueZJcv3sa/DxJTnkVntNqe+5XhUvKsfxALaK1S8O/CuRxzU4EJRbJh/LMfRtohaUONT9G+FGy"
        "2yKJpS0e6vddpcGg/PmOMW0w3V8geWx9JSqJNErhCtW0+KVIGtm1PzkDVZmuV6hoFYPLTXax0fdEMhcnb9B8H2ncWTaGvhbp3G1tIWLS7QrYHMse"
        "ln6pg5/0I7iEAdRJ7cgJNJ/lS0F1hkdID8IBPgzh1EunrW7EabCJUfiJ41WZB9EDGhm0T315cJJES7fLGzchxsGXpMmogAT/uIZxbT2h8oTUJb6q"
        "0YebJpFXSO6oswLXZ2G/pl4tT/UYqxb1J3AvQpOECSJnp61ItFPdHTQcWjngtFecJ/btFhaLZOqDdGci94dw50EHKW03RnZKoRrwuc6FzvxfFI7x"
        "g7eIXTvI+yyKpOuEu0T7jlGF6kr1o2XP0D2LJInNV2xTFU40f9GmhOZv1N4DZ+MdbaoJ3QVS9XpMkXka8Ru4J8ReL/EOlTRcx14mnc4gFw8pYNPW"
        "+5o4FjLBITC6xHY0h4UR+H6TJ1aPZQq7L9h+nOwdKlZ5keOaBVG3GP0Z7sXmjZqnoIc0FTXG6FtuejWkaBjAejV/gEuCGgROr1nhuKqtJXki+xVc"
        "eIhLjfb626VwLmkqsr+oVKhx+zcpoPmw51oiw71MtYqVx6uZIyLOyb6m1RP0h6GSOaZB7DVi0bvK5EM3hTDURhrw9qUTwKYQgBrTbFqdwssr581u"
        "9MDUVGRw3tfms+ur83MeI/DvSG/obs96Lm8om134kfkctn0v7J7uS1zv6orTq6Ac9jwu3IQ2vGP4mnojNNrYoJ1tl8Od8J5MYwcOoLcXJ62JMUnh"
        "HSj8BqececuvydhwnDpI792qZs7j5Q+NWTAxHHnylzhou0Uay19otqLE68Je+vVW0DKNzpTzOFU+1DK7ZV/OEbykxTmUsmE2/BxxQVKyZAVtm3hD"
        "EAxXIV4RJoMLUcEi1U/YL7EQvaJHDGsG19Pyg9CrmEKrL31mv1etpwQsLM1F1FDOx5ZVEnvSpGuw0uDqmqQFLOHCofVoVkQmzwjsfiEnK+cCfb5S"
        "IwjlG75wWeFv6o9ZM/XHZnkuO3f3ri3btnLPfre9F1s3rWruHl5092Bo5xrC6uuW61nrPu905x5x7VWWZd3WRmmiTKU3NT0Fvdc6p7q+6L16562A"
        "9PgqVor81MmAtKqfOhPC496RBf/+YB4AMhN7nk3XdHg2a44FlvI/5gFplqdKhLIa+FtULQfGzeqpjd/TXd+6fHl96+ZrWVcGL3df0vvX5p17FHtH"
        "Vrttr6xWpqf8Of1fs5vtA+643H0+bmYq7eREzqz6tvEBbN0zGzbUxhf0FfjYvw10/j977H/ZQ1uhbbvYNbztmQQFja7vvLOcf1TtXJviLKxE/dz1"
        "HB3f7CiNNrbOaQ2IV5NEDzGnjq0siJ6UzYtNIQT/E2ReaL6+hJXyl06ejzg7+Gna1kz/5w/bzLy2nmgosIR/oKSZmFtJ6T/SfTLzG/zl7ovrR+6+"
        "JZs5/DYfEfKcP497yidDvfBoqyi24IlPmIr1IwM+7z8RAh/uNcHIGYJ2tw/nCzG8ETDpTUTp+pGufwOaurpk"
    ),
    # rars 0.12.3
    "2.0": (
        "eNoLSixSlGJnOD+hmIGBlwEC9t+tYjigwiADZIIwQ+L2hTwgWsSABSwf5BgUXJRYVKxvoGdopGfMlZtYlJ1apFucnJGam2hryKXZV8LQoMoQx8zA"
        "kMAJVF/DbHYZrN+UlUEBSJckJuWkbjY2NmZxAAkrQK1laGCgBbjCwkBTIODQ/7GBVobz//9X5JmgQFsfMMhKQoB0Dx7wz2imJE7gsyxYc8qpVKOZ"
        "f9OMZsI5yIySU95IwP9TVhQGSEID9ZcnC6OAYAwQvvJHyxUYuL7n+7zP96rPV763fY6dufj+chjvXfW85zvxEivf377z3fYAMHzYkMJKzA4j+FCF"
        "mEEEtzyGKuxCEmhCrP0YaSniB4x1AMbQqcEwC1VIpxuYBbUYeoBMaZDrl/84wgTJglzg/JZakqyfnJ+XlpnOc+asIEhGUHhfZfeuqWvvPpB8ppMW"
        "IHnY6GjPLjHjf+oNCedunjfurVh+YsOeRzbiDbfmmX+3nh51PXbH/bq9my9tefF65XO7/6p6z5f+3s6/c6ab7ytbC02WR0uCJ03yy/K1f8gj9tFI"
        "8lqSnkQlk0rnzY6EpBTTJRlPt8k5dCqlsamFJfG+7otOfMIxyb7qwk8xoKs1sbmaE+7qxPTEzLzB5GgAM5tHsw=="
    ),
    # rars 0.12.3, solid, with a filter for tables
    "2.9": (
        "eNoLSixSlGJnsL5QzMHAywABes+rGA6oMMgAmSDMkLh9IQ+IljVgAcsHOQYFFyUWFesb6Bka6Rlz5SYWZacW6RYnZ6TmJtoacq3UKFFo"
        "UGUoBCpN4AQSNcxml8H6DVkZFIB0SWJSTiqPQM8BkKAAzzNJ879SwRpdHseWMWtUcHtuE2llEnrSU+PexVW16KLe4l37bvM1sAgdYHEp"
        "2cOWyca8Ya7CHtWb2/1XsuamCi+ILW7d5Gpo8fcOQ7z7SxYz6frSwtM58xNPzvxgcHL9MtGr7A7nN2+y9xB/tGl7iUGDFsNUoJ3SbEBi"
        "+Y8jTBBXcYFdlVqSrJ+cn5eWmc7rG3IG5DYRnvczDvvaz/zAckxi8gEvmUS2C0n5E+ymbGBPqihc3S6vNjnywM9L7AW80b6zvf786Ulc"
        "324lmTwn+m6p+Zu6w2qrr+Xd/GuxfOHrMqWjuwOz7p7YmfclbnuTQfQCv9Xnbn+/++fHCrECm19HGhU8hFi6WEDkTOPGKZxMDhNUOIWB"
        "vEY1nwepYB6T/IX18kDna4IjBM35nHDnJ6YnZubxNDRAopFn/bftPKaNBs6LrCpce9j/GKxxAQDZXaRL"
    ),
    # the same, not solid
    "5": (
        "eNoLSixSlGJnZDgqZWzEzMjAMDsoJEyQmU2GRYYhcftCHgYGliDHoOCixKJifQM9QyM9Y67cxKLs1CLd4uSM1NxEW0OuY4KGly2YmJUt"
        "WR4IKdQwm11uYGZgLUlMyklVYmIwW5N0rCmFd6/Y3vo7WnpBfxtCf/24sTMtbpbewpPqJ7etO7jWzEBZf7P1Mfv/PY8eHO3Z05ysfEBa"
        "YMIrZmVh4QZDcwtuBjGGCWbzV/FopISsD/3/YOG3jj/XD3x1iGn8I2oHtLWDkWU2j8LyH0eYgNZypZYk6yfn56VlpgPtbvj67HjvHK6H"
        "0/+HSZ6aVj7J6NQ8zaJnFxdy9cle4N63sPaQbKupqavytwCTfZkNZ76fENRcxqo+aYqAE7+i76/P2jpTfE1ePb6Se+l1Ffdc7/UehbE/"
        "1718fHftdtn3+3ONr139Mj38Xb3Zpe2V1/6Fbw9Zo53H47hdTOn2ZKHcs53bXhzlvzGDL+nLiZB/Rx09BFV8Fl9mFlYMfNE0Qcljpvsy"
        "NjWnxRdZFVwmXtsuf4Dtz4YqW3SvcIK8kpiemJk3hHwiucnKlJmVgQEA8BECyQ=="
    ),
}

WIM: Final[dict[str, str]] = {
    # wimlib 1.13.6
    "solid": (
        "eNrzDQ739GVgYLgAxAx8DAxNDBxABhODD9sWeV2JquyCea4lD88+3svIAIIMDDogAqiggglMw/gMTMwQagkzCp/ugE0czmQBOeEYEH8TLD4pMiMj"
        "YGmuu4f29KLroidmvTnZpz9XawmvA1/xz1jFy3zrwX55P2dnccPRmJpfwgUOC+QZq35MfbRLPqE79C/bF+kHAQI1225Vymv7eqbc+yS4puEFp05T"
        "iGY7Y3lDc2NpQ1tIyVm2pdnPo3Zu013a+tpsRvQzrZ3reVVYva14GD4Y9sfN6wjZqsmYZtfKuy1wXeCywHmB0wL7Tp7SOnJj747enVM2Htza+nDq"
        "zglTL+5s3Xhw754XZw5evLjw64GQsqLU4pKi/Izi2xXcFhYWpY3280tSfIIn7pnytNn84yc9tc8TgE5vqEhTnCbZEO2aVXvQYN/P3ToK5Z5Xlhfr"
        "zLx4Uu3Ecv81ZVr3fxvrbj7UwdgS+VC7p9m36f+KTUuNbupERb1lPDk/X3SD46nnecwcm48ZN5gzWGpXtRs+nyP3zHNB6zE3l4MNHzUTHZ5axs62"
        "kDNjc0jn7WssMV/QtOhY/udwBq87+7iZBSR01S/Ic3231jzSWhr+afckpd9XXjquZNyy1fxswZUUBwM/k4v2C7ga0v9GC0R1Tqtk4DgHja5V0PRz"
        "AZqeIKnM/YPOYqdJG7O/TT2buGEBR8rviTd/3IIoELiAFNuMcB3YACtUB7o4RMeCL69qJ3rG/tTedeiRyNzfrfwvhKe94IDoYMWqY+5q4ZefODeV"
        "pHnLvPwqFHuCW+9f/k4WiI63HNh03Hp5XouZ07+HjUvJzESXyd/gy3PLBE6IjmW82HQ4bhDNn3+S8W1UlM5No6WbVvxv8m3+/8+GIZzBk8GXwY7B"
        "Bkw7MrgzuDIoANl+DC5AVgSDLYMSgyEQg1T4AeV9gaJ2DMUMuQyJDDlAaMOgjyRuA9TlyRDE4MzgzxAKFA8BihmB1WCK2zC4AcV8gPqQRU3AqrHJ"
        "2ABJfyB2BMo4MUQCWa4MwUBxUwYLBkuoPuwqbBg8gGJBQDf4gH3mjSJrANaJT4UN0B1BQLYjUMQTaIMfmIb52APIdgeSAWATQsAmVgCxIdA0F6Db"
        "DIDQEWoHukoboH3+wDhA1WsB5IF0GwHDwQQafujqQGL4XOUDFA8GivgCZUBhDwpRZzr7AOQ2UBya4fQBKa7UR0qhuFODJYMxNMRwpQV9eJrnYgAA"
        "iJZwqA=="
    ),
}

PPMD: Final[dict[str, str]] = {
    # 7-Zip 26.02, order 32 with 64 KB of memory, which the table fills several times
    "7z": (
        "eNoBMwXM+jd6vK8nHAAExI1DCsEEAAAAAAAAUgAAAAAAAACt2p7hAC/v6QwKqlGBSiq+918xaZTiVLgmPmdZvPVU9v+qsvDB4ADQ34r+2oi3Nrqx"
        "WucvQKaEIg17SKkz5xsXnsAH+mixZYvX2h9k+95MlezKEiPWMdYka6BEiYkdJJtCCvdj8cTh3LfxQ41nvvTULedjFZN3Tr2tSMobynj0hHtgClN9"
        "eQLhWfJHfPJ9R+jtnwtrNVu1JUw7NqRAPlwZemhqVbh8JOxgSON/du9MXO4Sap80amFWPz0IUbJNHet19V/1KAookrxCR9v33jvkzeoCJ1UwBQTu"
        "HeDc+qO/huL+DgYJI1X7YhiVmugoNSy0C262Z3BUggF/GNN/1hT4nDQwyy36XlWRMiwLl7WOMr/Oeq+EC33XEJruHZ7pVGzjEzOryJSrH3pKPxSN"
        "0JXQ9ZUry31EigNB7V38+LHsyPjyFJftOsXzaF8FmHN8czTPiKitWH38kkweeTvwcavPNW9L4MyGh8uKFcK+3taNAPBdF7ALpCAuybd5F1N098DL"
        "cTyrmzlos2caRgTkSf0XOYQvLb8nSKP0U2lIJWN59pYinv/iquHsC0dR0fe/ryEJAEcmmVKnc38I8kQ+CvHhruvgahQXPokBmIzFYsde1b+G7HIr"
        "234P0xtdUdqMSr04YeuyEcEcf5tznUh+fpmv4T2XydYFZMRGgkENTFpridjgQq8WpV9nmKVqOzy0bm4oFPOHIZSeitn7JpNQNnFHSFFhU0p4/8tX"
        "jTxi4RKCgqNW+aw24p71tys4S9z5ILCR2530cXl0Vjap+MHymFbgmSCI27Sr8WjuJfCcct+TYYDYRI0QBGINMNSlCrYTQyMY9y6nQjmX1I9aaFsI"
        "VScofF/Yj/3Wu/Y9LHFmDJdgCg9yKwN0qpW5nnC4d9pFLfmzM95eLj9A6IsVKbeUBBdAIi2GJxchinL9oRFuowmlWB0F9HkuK/2PS+7hC+mppaM1"
        "3P/S3oaPfDwXl/bgkuLd3vaJOwF8ibsZtT6B6ZJD7ImlQmffefEMKC8ZM6wc+GQH2VLcm2KLXw8x1XDOzWitfGuzfITYIeVLHlRiaupAmr0ZM9qV"
        "5CygYLzDvdoV14krAo5V1CoQr8cpXEl7eZOzZSTW4GegMrVl+esuGn260g23cBeUqJiF2fRl3X8WrSweRHeMYzWRFzM9kB9ULhdFWs7dAcIRTCnC"
        "2jEIzUe0G0NzS4/C0Mfo72d5rlUQxSydCfdxImsELY7VdWwX6n+CRQJiNtMWdhuhDrcXC+4xCccfKbCTUVqqTdD2xtAVS3AwnuFt7wUoRTs8zb9s"
        "N0ryo07yXmZrdUzmyW6KQoz0SVgGzS7QsKp/7DgdZtUlAI+8aGAOBhs6crVj7Hh9EFNsblbPE6BQtBtaOpF2zG90Gvrbt5yj9bEiR1WwnjDYedVR"
        "CetjHqAHQFBkfNcKBRgpmY8m6AAn2KuLuXybm08kam/DyT6Y3U2Hin9LI3d7V24wtdXjLOqoLDtmsw5TDbx8xfyFYpYcmXCglFmiJzltyUiOYiC7"
        "TM4zFRpkFhw+ZdJA8NG8PnF8VOrIwXf/5joRs/vV5roXAjUhePfw2junYMX9mJxLdUtLrQG8zaWUuffxijCeoJZprr7nkrEKOHvV3hNaAAABBAYA"
        "AQmEwQAHCwEAASMDBAEFIAAAAQAMpUQACAoBFaeegQAABQEZBAAAAAARDQB0AGEAYgBsAGUAAAAUCgEAAAAFaTbA1QEVBgEAIICkgQAAwYxkKA=="
    ),
    # the same, order 8
    "zip": (
        "eNoL8GZmsWdgYEgCYsUA0eXzGpmYGBhcVBkYWIEiJYlJOansAvrvX/x7uSBZ6+UVY611H38eT9dZ9b8smJHj4CezKL/0jVu7phs195Rv4uO41bPP"
        "d+OelLOvSndw/VeP1vJedta6vtchZuLdNkadTzr9urL2HvMu87cluZQ2CWcw7zObeXDZsW2uqyWKerxrjbZ9+/XwWZAm69zdQlo15+erVKeq3eUq"
        "vi6/rv1+tj2TjtzavBeRlhlr9ap6W3pnup/6v0t8U5uZObMWc9S2TVvc7HyYQq0eftV3Wu28Xzvgn0Guve6yrX03tzXkh+15sEDx013pCsaNE1RO"
        "Z7itPBR+7P5WlaTqfYGvtsut2ZW33rnCu5pD9x83n8cVs0mBHpxt8aWTHSzOPompOb7t1sv8ifbJhlXZu/v5DF7wRIeWbhaodddKD7dzOSj46V1L"
        "u0Gk3o+ZFgac84STHG6Ir5Iz23Tog4/fw6VZu6zqbltXrZq++V3ipxD/OL3LEdMC1F8eYG6vC2x/fzVZvkV6yuYvdRf1Hh8rLVLRXJ9ZueTrj/U5"
        "1n1Tpk9ujbqW5CjhLRH75YxKTCFXV4nvWZ+MHSeP7wo8KuG2fkKpANvTBeXr/4jWPtvBumNPjdM0K6cl9sLSPUf2Hj4Snb6leNO/PQESn8o7ehvj"
        "7qnlFC5ZfO3K7+r8Pzld9o4rN7wx2xPkO6klVmOD3ou7go+f8HnwvHjKUCdzy/ih4UP3U0fEg3OPfp6f/mf5z4PC/G+2eTEEeDMy2TPjSiYqDBCg"
        "0LCkkQGWaLgYFMCCjAwSQJI10+zAVUYGNBDgzcoGUcPIEA6kVZlAPABFawzw"
    ),
    # rars 0.12.3, RAR 2.9
    "rar": (
        "eNoBiwJ0/VJhciEaBwDPkHMAAA0AAAAAAAAALud6AMAkABwAAAAcAAAAAGG3oQwAAAAAHTAEAAAAAABSQVJTcmFycy8wLjEyLjMKbWFya2VyLXNj"
        "aGVtYT0xCrFWdCCAJQASAgAARCUAAAAVp56BAAAAAB01BQAgAAAAdGFibGWnGC/v6P7poGMq6bFJvCocvRiz5jlp8ld92ACPGlsEwlISkjvBmNgw"
        "zO6KRnf8Fcj0jZTzfIe7P0QOoGdllqZo2JHFuS7T/MNRjW0ky4TB9IFGlFDll+8nplmAvdQf3Xjg4fLW8AL+VltLSR/8vYRBwcvGMxN6GOqh8PZq"
        "T4xrNvmUhFmWS4VNL5xKuIx2Fbnlf25RO1vV2AYPAM4Tzryd0KjWPdLOUR2HV6pnpUAtJ+Ika1O7UmOE1dNqzBK/i6wqF+TBW2oEJ6lK7AGnwAWS"
        "07DMNm0+UX3ozcE8a67boTQJ3zsJcjUVGFe5ir3p9tmxyFDNZAJE5sOTTewPGve3mmyXvuYiaLZk0MaG/YdyI4m6YBtEhXBMwz87tiqzaBbuB+1K"
        "QyZQTNrfOlv/A0JJLSyP+X75xftl/hfMwRxqIw/GrN1FlA6vt8Zoe/J7cIZ5u+yhUMZDI4sGMx6puHMYBYPwueieHb+XnN68fR7KvkImMaKvMmqt"
        "pCJRftzcwQzJ/OxDWNxSNEvmXyPkrEJTBtU1Lk7VzM0Fi4S/9P0BF1cH00PSlFkR7z4+PtrdQZ4S7jyBH9FOpEEHiVuZBIqoI8zMHnnCR23pWnBE"
        "VWMFF9Lnw5WMQkfzo1kea0yT8pazOLedadwcH0w206+yKugos+mI43cIYkDI5Ho0NX0SrrpnOrhEUDZqMevmpKf6ksmFPw0mJac="
    ),
}
"""Archives of one file, `table`."""

CHM: Final = (
    # chmcmd of Free Pascal 3.2.2: index.htm, deep/long.htm (20,000 lines "step 0" to "step 39"), noise.bin, empty.txt
    "eNrtmnk0m1u7wF900BoOVVVDSdFBSELMQ6nGGDSGGIoiJAiRkMQ8nR7VVrV6qVBKq1oULUcMPYropGpqa66hxqKGomos6ouh957vrru+8333rnv/"
    "uCu/vXae593P8+z9vOvNWu/ez3qN0VYGHAAAuDA7G7PvWg64u4sTAPjW2cLyQt/z3+EGMuokR6f+8/Wm/yaHd2TQjkTzbcvGHfmDbVvOQYC/wxht"
    "Zb5pQjP7/s0Bpj/7Tg4bTH76bepbeTFz8kpgPw89+p4/fWU7B/SO/SfmZoamNJ7/iNuKhTEvOGFSxnp2RnqWbDHtbhlbl+gzzAyYpn0wKSu0pfFZ"
    "Qyu2mAU3NqbJ6pwVWt8MuMCZQd0Hk0adQRqftUKzATQdHpizlLOlvq6emT5TAZgee2BYHM53cwXebY1AInpAPak+bEkCMU+D9sNwPr7UYCg1iLq5"
    "MLAfhidicUFbDjQd9H4YkYSn4KCueCJbTDPXRbuDGhp6GCrGyhfjhoOdxfjgTPEUKnAvTOvknw1WVBIZ44GDmVkhSD6+ZByFgsPCECQiFUekAvft"
    "k0zl/ilvMomw6QVkqonJ/GUA00Q0JrqTgEw0J+wvvdFkDJHiTiL7wLZuINPxuPO/EBOqaoCAq6kryUPU9RQVIAoKekztDFwVIi+vK49QV9BXR6gi"
    "wmHGRAoVQ3TDbc67+QTw/8tLWOIoOCoa40rAAffZ7QAWLFiwYMGCBQsWLFiwYPF/zzcgDIABAgDaE08BYchunvgAHCgQQwERSVSQDwaLA7kGg6ie"
    "OJCZFcgIbWYKMsIRfEG2JLI3xZPke5Isc5LqIwPyJZM8yBgfOZCrP3UzwICMw4HMMRQ3DOEEBeTm6QNiHi29madKkCIUzmw8+zfPlngCDrvpjTAy"
    "Q/hgt00cWzWNXUBZ4PKufcAhwMhIF2SDI1PwJCJICaqqBFVTlYcz7dJbVY2/gp0517/XDQAOgBMwxFBxgZhgYC9zjk14AIAPLWVlxrZTP2HBggUL"
    "FixYsGDBggULFixY/P9EHGAHuAFrgAi4ASTAB/AFyAAOoDAbDsAy7dyAGWAFIP5L2x5mN7W3Q7AD299gsP+pjvAphH1LhgKqgAEzHg6oAeqAEiAP"
    "QJhSD1AEFJiaArPpMcfYd2bbLGuc/FO0KdfOdL/+fdaze7YlfO+2fL0jP+/In3F8oN1AvCBgzgEoK/h6AMAGinGj47s1tABi1p5AsJlbYgw9NqkR"
    "7XhaoN/S94ejgk8nvYa7R1T194JrPfk36bGxNoTWk+2KUU5U1WtOjg9BV5IAAHxAvoJdTV1+9ctSZwXjW1vUy0Op3mVC9lw2kypi+3ghAgEnlcXO"
    "SLnfL21JmLnSdST80m8bwOmtm9ile4nrzS22N/3V/W+EvGKqTqxmDzccLDLxWH9+GU0qrgkZ8bYYzwwoSswc6w9uLnP4fmWk8WHsj2wz9K2Buw1X"
    "DtK0q/UWVV0DkIKZEH6kRcPVAyYljdBy0wZugagFU3rXuHuyBe3aVU0aXcDQWgNsZH0G3G3tKaRJq7gJrwq5ZWlcYFnRlodGJ+Y/gJaBu2hZYAgt"
    "JwX+sT2gPH8K+gd40GQaWZ6VizTLrEiYniooqajM/wqdAVeZVCBnhvISrPwKEirW1uZRDk4mYWz2ozGzSYPwSuHZcrxckGXpHZh1w3fLBe78keZk"
    "lMmgfjucEQa+KURHtZasZDLeeMDCkvIyK7tmle/mLS/vS5HN1pKIIEEU+Zuz6tzh6JYm48J9Hmw2gqRX4OHH547l7baR8TpvnWCfRsu28TyR92ol"
    "aJ/XOOMgpBjp1JAX48QdzFvqbk2PXOmhhu/JRzrZRjRYtmsvTLQEe+Ncw+2KlHWivYvdNc/N0PPaPdtH5jt6/SefFA85zc8Hzk9n1Vv7jsTOdFaX"
    "ej9rpRTaFtbmO11e/Ly4mBVUvxaxHsSYHuEq+3W3yZzdMxVCowAHrMj1hl2lUpygW62ujmZQwrHAN1oBkJ76pEuBcke9OyYUzshNdVEWi6o8eexL"
    "iL98cS3Bo7prONv7Sr2OitfEdhZoeQs54G5/oC8GTWqV+QR3a9nULr2tPVy++pvBkdhM+hSmLTv8uj1F1kC6SO588G8wWBwYci5JcaH+wXxHav7z"
    "0gDwyvkc8AiUCK6pCgF/ctKm/YCeplEK7yGfdlocWzFBxyyR89BBxnm7gjB5B4Pw+dKVGWiR2mlaqoIWjdMOjYz+cAd5qfFxwnmDh+NQBPqiECSv"
    "PlbcOq0WSRsrKsi5oFcSLlka5eQJaebKxc1LeqUwTCHDgsiFCd8N5Hjo0sJt8Xp38e9Yxm9Kzm7d+yfDV2f65FGTtjmL4ZZ6KQZ6d1/bEn+sBswM"
    "hsu7jAuY8e89xOCI7L/14gm0mfFKb/EL37yJgMvzrJEm2nG5QYEhscEX5yLl3gmrlHWG2Y3qZDhcs3tpoIupuvyqJWBIQJPwCGzj4uo2/9V1PWRv"
    "+HS3OwGimJEkM3bVPfnqqeQPSsTe8xWeHzRVvh6ZvRhB0ND+rgkxcGs1MFAlvuH0946uwt5UJCv607EbhvTA86GYwuYr1UVOh+nGZimJ0OKFvvA7"
    "mUtNGjeb7OppZV9KaiGi8Umn4rtKqsN6HIr9rglbF3DYUtwr1fu7xpva6PfZSu5L2Yu+SFUebw16R1KRVY0E953OzWHXDdUPU/KIeAg3iqIYja2o"
    "xKhT6hN5JapJNm198vmFhK/F57rKUyqxD85RRu4vm3kLq7SeCm1I1rrzpK/ysUQfQSPyR/P9MG2ebtu9PPj39+Y/07xiVR7qS7T5nL0hLjKIL76p"
    "NBxibNylcVbE8my0pdVcnnVLmtosjXOmf7J5YaLVs9BpzahC9XvvovGwFO7zLHV+VgQuFJfDxcjld85ejs8eyAuZZYSIqj7KmR2ENA+9cpAaqul7"
    "v9GQXXBByLmzhCQAvyPGQC17U9fUCRfF/AmvUgsJo52vy6a66r5DVi8+4I7uLGhMebdE8zCoT+4xaJDso0i2+0W3az7JTYJI+D9pvHUxbJbIe3ju"
    "TuTGWz32vVPXkaYfVA/ILatKaHHXJbapJZgeVpMkqI0pcXEZRv/yi+FlfoG0K0NDVkWEtGNnw8QgTtfE4O5cRIFuwZtxBzVt1I+8brAYrm1sHh5e"
    "5peKbbKOLX/1pbcuaUVMST049JoYYuzfjn4yxNY1x3+q0xnLl+1jLx/L3giUKMEvSjpKaDd9LH9xZmDgU1oaKGD0D4UOH6fRQ7Rvq43oRvmmMQ2q"
    "0PC6ntP8SqRkHCOvv1VsMKz38mXPZTXPI86jIxO8HKsj3Bnf50bZVv33mlNO//GxUqunwJr0/vd3Xm9hhV6lXyMj4kbJozy7J8kcOg9Pv7TWAmXo"
    "3HtL+f29y9sf4+MnNBzGiYUvOwUnrk1kTjyYyNbKnfMIJqMcfLQntcbwqNt4xS9j93IWSnKuP83aEH1rg1BVpVIRm78XEQi1mRtq4byDg3x8vLyD"
    "d8EDA//dd/nA/3AvwHx3D/DxcWzpu9gBeVO4wIuOc6JrMSmrbMcXt4c58zj1eiXU4q98+IaIjppZ/RnJmXJWhztiaLXnx2P/tfQl/3K0L8Mj7a3M"
    "N2q2QxaShkSDLXMbRqDJ5Y4j5BuN2p/jNoRVa2L9XBdEBtb+cVan/zrrXzn5dm3tP8wFNr8MTc96s4ZOVM+8Pk//EoY7fzNSU9b2aiZ2JNGv/MGl"
    "9eNPE0fbC84mxyciDjrfTNW+imgZgtbGtxr2jzvwSgHmALCbz9xcnr3vwoGIXGnRBJs71UV+1dtriQBRIMaMw7L10ueeR0ZPuqiO084OWm1PMgfl"
    "6j26NLjuOUiGSNWlRcfL6Uj/KMRL6x/Wi+cz7re1mLU4ZHHYQsRCzELcAmQhSZCOLGaMNrw+p9JE30hmbo3+5ScV4CyK0TEvX8SYTK5r8Xx4npOX"
    "H4+m4wame6dzu1Gdo3MvDPIDI2eGOuZr4CnPrz/90JAdNNOa0Svb7X9KsLv2iKGxsFQc9o72mNhUdHeNBFjQrEEipT7imMFQxdtqf6O6ZUpTu2/7"
    "K9FscMIHnd9VSj2bi4idty/XLkvJxKbj7/LLFtWdWmqeolUFq0CqJWSVvTKWAz62d80pOy8sNiI/Oha13JIZHloP67ItK6MKowoNQrkPJn/Osncc"
    "awuKOhH9LCM3wcE/FtvKEK5P5u9SC0EeSse6B8qAyXR/u9YqRsv+3DhG9kiv7IGF9PIJ5Ryl8aD4dDxqSuruML0DX6otHiEyWblPNGhcvAe+QbZf"
    "h3vsflxLue2tO3ZcOFScracmCY0R15cez0S9tSgWcn7wxiMxojImOiTV/JZ0a+pt2FhjTmpjfYTT0PiLNvTtmc9fTjnRRJxbK/dU+Ns2HW9yjZIu"
    "aFuvH/TRkHLbfWl8zT7VzW65qMCxop9W1D925Jk+duabkQsKK+jX+6xqSNQT1YZxVn5IS2lPRxVrWy82Cki6vxzgJYIdFwWVxPC/lHrox1vOeN3f"
    "c9TDwyJarztbs1R7smdOF1frOWAeVeFPHi2nP889cOHHi7KDWXJUTo9TjQ27HG5kpg+f/oTb7ez+WMbQatQvaqC9eaDtkey8iGROTtvChCz2mMrM"
    "/t6OpKuXStaVbebiTgamf000buyZHiH5CTPeZQfZfF6Bix9XrNfKcXn0vixpsPvCce0h1DFJlNwXEVfGvnAV99AW7YjSvqKmNuMTEXvSOg60Ly2e"
    "ol7iWfW7auvisu4C0vn5jzsM/A2ERqI/"
)

CAB_LZX: Final = (
    # makecab of Windows, as libarchive 3.6.2 (BSD) keeps it for its tests: empty, 33,000 zeros, two greetings
    "eNrzDXZ2YwACRUYGMNCBUAzMjIwMLEBam5uBoRdIMzEwCzHAgRIQKzCk5haUVDK8aEAVrUotymewATIhEhDBlMwiw5i0zJxUQwY/oIBKI4qUEVjK"
    "iKGvP3ROAQNDQ3RDQy+HgpI4UB6s0MHYmeEFN98Mz9992/g6daLu3xe4ALaRUZKhaIKiucG3CW7770+oA5oGBAlsCR22ggfFv5bXX55RsyGPAS/g"
    "Y2DYcDigrleEoYhRvSZEduMx/X2/78w5F3b2sN2b3xr3AXw8PbU="
)

PKZIP: Final[dict[str, str]] = {
    # PKZIP, as Apache Commons Compress 1.22 keeps its output for tests
    "shrink": (
        "eNoL8GZm4WJgYGBkOJ8W7VDlaWXpBOT5ADEnEIe4BocY6kX4+tjUPcg8zNYy16jo2ZLKx2wu/ALqSTsaCh+187PaOAlUGrV4iWm4OvQkvlh2RsKK"
        "++6ZnSeSl8yepB687siPQ6o+U3jSmQJQLJq0f9ZFkCWBSBYZkWfRYt+ZJnlsm3ZyLFLjkMs5pcDysekp93SD1DiWAG9GJm4G3L5jAMsoQFlwv6Jr"
        "Q3crQlsmsssDvFnZQFJMQJgHpO+AFQIADXdcwQ=="
    ),
    "implode, 4 KB and two codes": (
        "eNoL8GZm4WJgYGBjcNuqZHr8hpKRNhMDgxEzAwNI1MPV0cU1SC8kIoSXiVFIWUTUzDyjc9ZtG1Y2IWGXo9+mfY9flbNCYInXBJ/Lfbqvy/IiNym8"
        "3Cd4L+N0Ew+X+RuJx/N/XdO5uzvxqUL+4vzXu1Slp+Xd2p7nuIjH6mqGl8C5+DA9judL996XeG92eHePoTzz3penfLW36cm+Slf2beapbquenrt4"
        "z8tzpZxMUZrr89990by6xLm7yWT2tLOf1GaX8dU+fV9+uWR9StqeVeGfja5lH7u+qV3Ved+P1IhtCpd3Nf4z89LOqW17fepe3vkH1ndsDv/SibLy"
        "+z53ZfS7Of94rx81XH4o5ECs72fLG1dsg19Hrlm1hCV2h6r3NIW1CrN3TnkpdMzI3dHOtWK6UvA7lpnH/095t0fh7r6d10ufT7vZpt/dXnN46eFv"
        "m+qiLf5YrZn9/KjoMhnTp+maave7lkqz/TtskHr2dk+lz9dlk+1/WXc8cF798tDVn5+e3t1dHtu28nZswM7z+xS696ccWmo9N2qL671D+8JLi0vP"
        "zzV+fnzt7LC+WXppMS/119qbrZHYcd7szVwVFum1H6Z9eX9q4eUdIR7vLNvEj5/pnWErnG6swG+z7Pzl1c9iHHMmeC7vYtF8UiGZL3b0T1bQKo/5"
        "YUuL9jR7TZW6wvl4t8ePOi3RJxeW+3UmvFc5uvrns4jr1tonlnouEr8Qq3beebuWaYylM+st/+ClDOEpAVNPd6Rt6n9uKZ53c2PmvBvJu2YFxqav"
        "7rqXfv+W5bW8JPlbqwu43/5yOif4O6UvcsukeyUm159nsLrO3Z+xli3Am5GJmwF3ogIBRgYFKAuRxAK8WdkgcowMFkA6mAnEAwBuFS56"
    ),
    "implode, 8 KB and three codes": (
        "eNoBmxBk71BLAwQKAAYABgBVeloymcVfSSMQAAAoLQAACwAAAExJQ0VOU0UuVFhUYQp7BwYbBrsMSwMJBwsJCwkHFgcIBgUGBwYFNgcWFwsKBggK"
        "CwUGFQQGFwUKCAUGFQYKJQYIBxgKBwoICwcLBCUEJQQKBgQFFAUJNAcGFwkaK/z8/Pv7+wwLLAssCzwLLCusDAEiIxQVNjdoiZrbPAUGEiMU5faW"
        "90XF/wsc+HHpaVTu378a97HeYAcxjHtbr/34OXm5+T/EnmN+tnA/Jzc3S+2gK8tSihYzZnx8fN4D/eTtWzXmiX2vMYuK6Z7W20lu/3Fv+Efd3nDQ"
        "GnR77Z/S7fzE9pv/O29SpztMHLG8+UrPcNBudQapiSIv4XWS94d37TquRWiveSpXgR9Hdhrnr5XnPH/5fo6/iO/l3srrf476b+xH3e3+tX3783rn"
        "/+0ubXt9brC8+ZYXrLd+rct2NWeY9z/rr6u/d/03w/32zfWsfwL8t32uVn70v9cw/uX098Zcvo+FZtD7ZjNYYy+F265qZfl7/HFvX2XT/WsJ9595"
        "qezbFVLxB/JCdsil8izf/Ve3R+4fVaTHotVg2F19zv/qPg6DzYfySrjc/2k4PhATi97qO152oY80ve5V/3btl20/8/+z3RiXE27JF11V3vmos/3G"
        "Xi7vB+VF6vrjr6UCeZPfeT9F7UuspXkr7X45blP6YqviOIzXOJrL+guvArt7j7+3fMZ606oZ1uuwuPP/sv/Go187vYwXm1uhs/3yczzVW7Eq/65z"
        "o0Izzf/xlVugw5DDPw/uo9NY/AWbZfyFl8VWqqyVq0T51q4aaV+6N556+YWZucG4wPvZiXr9tuR5XtbFvpeoYtXbvZJeTH/zPiD6xgVa8x6TGqEv"
        "PLR9jvML9b7Eu8Up0C+c4MN0I1z1WfPdvlPigpc7vNi+VovVbpevdeWPIc+QBOtU1BOqDf4bJv7e4TJ6wkvbXbu3DfDrPDX4TgLyW97rl+9+lEOk"
        "i6+jcc4gHRX/f+zLP6/yBbCC1uteW+Kls6v4g1PXEWoMXyQfx4vQnU/iSe2qzhvQw1Oft6mHdZshpJLzDfo5wpncLvV8coXUtr2M8xuV55DbXoGF"
        "8mOleh/cFJHn5LjW/vON2p5PPvKQiBfrIRjDJald/zvPYj2touSOm+WrD0N1Me4dAdf2Cvli+i7f9ev5S7iS/ZCR9y0ByoPFo3y1hceNe5Yk0Oug"
        "nIAECti2nZafuq53hOc6n+Zp4gmXS0jqVSOm8bCmPlYeVXfFotf67C57tbX+hdt5lkXfKlPHa2J4KTTcd/inXLL/ct/dXj0ud1O941Lptv/hdcPn"
        "Hl9A0fjw3q4Imn2E+6t0V5bGLLLML0SDF2ilvEC08SbNZ1WsHjh+MHrgX4fMELq2ftkqNKHxlatREfJwtXoRssby3+4Il2nFNNandwv6b+d+3zQu"
        "ht+7VDfgmhcHo/eKliNUHu6/n0Yhbv+qXgfzty9oKRuaz+UaiYflf8KGC7bKxhKW+j6ilm53+bnAfHqXno0sY9OVXMr3dp/hUMJHAl6nyZaDZY+n"
        "fBfgl1w67lvtaQBacQgs2xjLYELde6/pFz5ytiuhqXxBgAS4oc/kxxmbAXzVNoRirPnSFOYZUxdTlfK8C7XZHqAPOLDISRW6h+HrtkVtXucmp7en"
        "pzyqOGfwFqDFJaj0Q2wHX4NpF3sYobRABFVxLrv+D31s8wbtaxo9sgpKRAPij6M6joN5MdHMZbPav08O/21Hss+nqDafEzQTv8G9B5Ga+SAo/SCh"
        "8o1ZubJbybmWFS5QhMoqaCPobASnS5WPE3yVUSXn69R7TwBxzu9pEjGF13DrcpdlDMqXRdGfb1yrDUIjRFeFtItRU9UoMss3ns/q4RiJkTex65oI"
        "b8yrgxbyp2zoxFxSp2y+monf4SFauIeEiaK519LVmPd5pfQvP1sChtMNUaE2Mt/rVT1MrJjEpaq6HZIIoec2Tg+9f76bj+fFAfUhRQQI+jGHLzIK"
        "MIyNmzktux/xKx67ecPmvNK3rx23DX1cxCfrHbIZMj/h38au3nPq9hHWwic0ruTk/agAcuXfEUKzgSy/PdMbZouqwIVADziWjd+GxoyjTtvUq9sG"
        "lyOnBVJaemNIl+6Fp5eIzOF81uMvD7XHfkwJMiv75ninNspb1ZzbPdxzLuGmte3W+BeBdIS94WtXW4cWZCv5K8URsi8eLpnG4rswZpuU5ibet+zR"
        "4qXzUY+LnNm2g+5V5KHX1JyD0/AxIZt5hTE/TFuHwvbiVJLtVCTpsbCLVChhodu/Swt4qBTvBVIRor1Kcl3wS9wzYhFgwZq/8uj1GlJJxhaM7LUa"
        "iFQd6/tUsVe4kb33bfEpy3jMKlQ+SeW94I4ZulRl98tTKp1YrO4Hfk3d8XSLM22cz4XeW92+wyl7xYe4cU2HD03/dX22C8tPbQNxh+DKfbkYLOHh"
        "hWuBI/P9uLUMNXFGU2fgs9sDdrjpWIhpC10FN4ZkniGNr/EeVQdD8v6gxpAl5NJVz903lqZ4uaoI81N9eF54N/YMLbQ0qYSAbvu6TtU6kmtjn5WV"
        "etwA+fPPJ36dr0V7Pe+qjmW1nm9iphEqB4HugsSyQjevVgyFPGkQFQ0nO1EpKZuKcfxeskkiklVhSpaoBaXhiXegHIbKK6Jm2cuvYdUs+VlZZamr"
        "fIUoxM2cn5jdOo0nWXm/c0OT8Tz9p/yE03YpjAu3cb78VSFykRoSKJmKr1TtP8O7g2bU1Tr8XUyn7kyksW5dF1y+H5eqdJCTlO+bu1xjIL/HA2jm"
        "dCWag04LnwLueVbPq2Yr0WrEM3B9OW9It05CHJZNBV7twR45K/h8eDBiNsx+brKfOJBNL6T+3CLQa0T2xpkl5w9P+JBnC1kymh51ucJRUF9+Rqsm"
        "nRvyxj+8gX+y3Qt5OB9aKA50IsoPyhYe3P64+RknKVmtEtczOF87Kn98w3YWVppPruFiMQuAT4GnlDSLDMragSnLSFbHiBeepb4DCENgLr2idg18"
        "bwurSdAFgj04XcPrBZpuLZLZ2KpejdPrtgajNw6If/jFvSPhl/mqJCj1ce+Aw3iELkD5NoytYnmcjiWPZf3UiVgRiPTGbQgrt48kuo7HtV318mI5"
        "Ky75ug2U43HoBq/bEOwZxH/ezwrBKQk8ZnYF9KmgMvuPBjV5lCbgTZWa+ibSoahxgYe2CXdi0j4mSkL+q6bvUVOjVSGDAh9637wiJjh2kdSNSET5"
        "KtVQNbYAV9bCx56sLPq3+tR5DSdUfJgTKs5cX+v9ELJuVQA5RnVr3VDsRYS1WDAsh2d5/vYs6qgWZAjpoIpuwhnAY6QWW9K3eDcobmkiznhcb6LU"
        "ihKAyicorxo16zAKTpSordddic9lZFHkEpP2BI9t1BJmF6bcsaAKRQ8bIOxJweZupXmbISIMp20ECxqqISx4VFkMCnyUNEsSESKFK76YU7bhyoRe"
        "yGJVhBi6AIoLT5igoBxvHiiy1zwGlW8YiOML4lWQBx6cgLsGBn3sXyE8TjBKBAlj0jEnAVOhai8MaFaYggTmsR4f4VKITCVuzOHVmmUzia55P/FQ"
        "Nl7tKnd469+4AJk1fThgiBSVhkOX4DpEwkIkFEQwPHxi/qqQ4TCSm7ooXJUDKBFZoRa5JIY3tei6PRgD3tq01V4uaJa30tw9OWb0W6Vhx9cqzrLO"
        "TNbw6G96aJuEyhROfQVQTY81ZW/J5aoHe4SQcFpBMTkRgr5Bb+MedlCaNznqGyWUyXhwcniOIeSspMqq5dReSOo7qJOFSWADKMLfhYRQY9VisOyA"
        "fnVXCSSx9xZBDr4cV5btGRXrBoyCNiFLZmbRzYfy5QWl4HpXmppcL21FRnun/eE8FuteRr2BvEFKsXhUAV17DMw2CF+Jk6U2FhRXS4YD4BqE2bl1"
        "A27tR9YSx+nDiQTWGjfDCTCtxwgPpzAe4ayw8yJLpPlwRTU8XbVGC7lWenqNWTCu4zDYKhdWIEUshnWccfsP2nF+6rg9aBM3Rx60onQTWz/yuNMZ"
        "91qDt/27nT/q9oYDeoBq/JQ/7oX2wxz0hibKlwGQw8Nju2KOXNZe6gQY4hmoASaPnStuiLnalNyoBhwQjrQGrf6bj9/3poNeSmfQi/omv71W/k9+"
        "O6MoTnucOugPWqFZZlIGrd7bbv8UuD1GvCSNO3B1Yn/c+UmJnaRu+9XQ7QTmUxCuhLvE/i9duChAB5Vtt0QA1tte0oaZJUdfas650SsRA2FTCwxR"
        "xFkFfRmYF0abr5Xczro3Lmkma9tmBlFqTJxBcA0mtEKU9DyRD9vC9vavp8mHmiF2QKP3IykfC8WieJP80xEbpq3FmI2C20GKZL7Q0/Hjrp6Xknzj"
        "LshHB2RPKOprY7N9BLbQUrMcfM+rKS+HZ6m60goES9EvdruxrEoAsQrgTR27WhgwpXLF50X/wNKVuPKUJRBLwWN8ryrNKq/EZS3dxgAFAMR1wwrC"
        "yeDMrFYMbQTwql7hbGEkVG6DILvJAVhZr6VO2YAKxYSTdmZ1j2eRG5g2aRnbIe50jKoIDACUy0R+PXe66Oq+++M/RXCYKfVlL5WsPnK1XJrt1poF"
        "7PMGZRoZ+XwAKBTIiHDsaQ3IdHRjw9cx1qRx+vteAXOQWFBBbQlwxAsYgp+6KugicNVo0wtX8odo73xX36tGkOh5f9zAskrR9bAF/x1D6hQokMgV"
        "a0H1fCQSGIwYAkQwURqVfffFmhAbcgCkJybA8rVb2Au/u9HyHI0bci4BYy3iaDiBmLuMCrmOT+2A+eSb/J0OeVVepDEh3DIJ6wpj0m0XysLRi9Vh"
        "FB5H2eP9uFVgGa1ZtSN7QjxqGXfnBR6WEAlYAEaF0GG56jq1dajYoqEEDIZC24SdTD2SiKOVmturpmbb3y+/b59OzaepAtjGvMluR+F1HATUs5Vp"
        "3FAIRLJZ1yfztglBUBiUStmjMoZm1QfjfBUUdDOchqqmIzryG2wTfAErl+AC4yxxjbFllLc3VDfaejvJbXvjoYZOhK7jpCSkPwg9mmVVnB5oZ3q2"
        "xyX+Lcxlm5djideDIgK/RXYgsPbL8jQqJDSkg4B3xfAmyXjRoUq+Bp2CEj7rKyfqhr8/h+WmEGhvpnicSKEyAbO/MjCtGIaGg03RdkLGVgsGyfuF"
        "w/2IvfBTBM3HeS+hLPjijDCzshKoo+Qq/CXGonx11YkNMG4XuoaTtg/PAMIw9BDMdN5y/1xNIKt1I2DU12asxzBNnvuKBePYREwJSxdZEHHZklPA"
        "EF+brHJvHJ+NgwyO3TiOVt1BkeptqEUhft0eMuVru4OINIWxqPTZGhU1wKqkOILRSOHChQsX6o9kt1htZhBEqGBXr1RdTSQTOv+Hgc2b/83Jy/2F"
        "QG8cmmucgmBk+EDyhMerr2knhNILBG07smzmBDfZQqF2dLI3AQiRQOGqkT6LfqS/siylaDFjxsfH5z1kS96+VWPCwEnMvrjgXvudsm20q6sAKCQV"
        "7F5b5P1dy1IEwtbEaGK/gY6zCcCYCQAQlkD02u37RhiGHkVACWCuu4/qzJ/TaatZ6wgjJOL0VFEWUDWRSlPwUEsBAgsACgAGAAYAVXpaMpnFX0kj"
        "EAAAKC0AAAsAAAAAAAAAAQAgAAAAAAAAAExJQ0VOU0UuVFhUUEsFBgAAAAABAAEAOQAAAEwQAAAAADWGH4g="
    ),
}
NRV2B_SOURCE: Final = (
    "".join(f"line {n}: https://a{n % 7}.planted.example.cn/v{n % 13}\n" for n in range(260)).encode()
    + bytes(2000)
    + bytes(n * n // 3 & 255 for n in range(900))
)
NRV2B: Final = (
    (
        "eNpdz1tM22UYx/ENutEyKCcPZU54GO+f/sEJ7/mAU5nogIqinESnCWQjm2aSRqfZDcdWp6wzZUmNiRMvJBjCTNDolTcrSxb02qiJF7JL77wy"
        "8TR8n+7O3nzyfd83v7Z751+dmQbaDXvnLlxIv9nd1bU3RTvT56dmLtyZPtM5fXHq9V8PTXeenvmj621aGXJWzmCQXeMLO7yBJwVwEflO7Mgq"
        "ucjlG6pcwaC6phd2dINOmljTiDkbWo89GzqPi6YpLTRTduljFmsZYdFPLOOp1o/YiU+3mQhGt+Zvy7aOibm0KiSPzVqdClcyTSxrwo1Es2U2"
        "lVzJAMu6to1Ei+U0FaxkjvIsCzYSrZZzTMKzwie5yOX3Q19f2laNQ+O162d4XHFSw00sHL45l7XhxtTstgtHc+SIoEHYXyTbgiVLyYO2Uvof"
        "gymDoJTqburYt+O1a2dEnHOSFNaPR36zLhV+OB+X9KvVLzLtzH9FcXZb8nA0cy4u6sO1SXJbymTHSRKXqr6tlDoopakPSmnvpovc3IyucVXB"
        "GkmDyrGhzei6L9FIKtR1sbo52b4tw9Gt2dsqxPdK+/GJD9KmkGz1L2ysbZiStHKFwKemsQBTs7vJy26OZdcadXmOkvdvaTk0ll3H4iTzo9ar"
        "Y1vtUybsmJhN20KI753/G5S8ZlKLX2aIGV4a++yb6oHMeOkoWzp6ZyxHDpur716fIj+YwnunSdysLW8myFsmyJ2arx64Ml6c27BXOn6eVTbI"
        "TRTJhr3ccYtU24FlnLGpZT9jh5fHNn+p/v9RjnTbq5dx2RVyp0mNY/sX/4w7Xv5X2REnDv4dsU5W/RNNO5X4t3bXaXqn5YYzk3u9bsn27Lvk"
        "XGRxf3TiJ0rKKydZPtJepBwOjNAl0XPwcyojixVNVMWiZcepro9FLlJDKqO/U9t/qG6XunxVa5FRqO5lRcYgjnCoQQTUIhLq+jwK6hENDYiB"
        "e/DOwr2Ig/s8nML9CIMEwqEREXAYkfAAouAIouFBxECTH+MWmhEH4BEUWvydYHAU4dCKCCCIhABR0IZoSCIGQsRCO+KgwyMpPOTHJINjCIeH"
        "EQGdeCehC1FAEQ0MMcARCwJxID2KgkIYaISDQQRYP6YkOERBN6LhEbwzcByx8Cji4DGPpvA4wqAH4XACEfAEIqEXUfAkouEpP6YNnEQs9CEO"
        "+v2doTCAMEghHJ5GBAwiEp5BFDyLaBhCDDyHWHgecTDsxyyFEYTBaB+7YXliqG7Xivx4yy6zMv8CovITiM6/iJj8S4jNn0Jc/mWPo/lXWncc"
        "O7Cwz3/Kevb+A+IJlfE="
    ),
    (
        "eNot0E9o23YUwHFprTanCa5xEUsoDJvOLMiK9fsjyVKbg01gmCYHQ6rgUgwWicGjXjBLGIYeYqcVBOqDIRQyskNMx0hwyASFEdYd5PhiaA4p"
        "vQR6iWgoGc0h0IshsDdH2rt9D+/D40EE6+RupLQMy5Wlu5JkUkhUyubicnHhMlGsmj8OrxQT84vSz/9idKP8w2Lxnzhlm3ICTzXlMeWLU6Ir"
        "bFONra+qBUFFc5wtnCa/xKlfSFBLLZChJnV1SSjLQp8gdD+xqQhBHJ74Xe0Kz4i4YycFl4pCWRM0+b64qQtBJSz+ZuI/4yrJ7+FuvJHMt20S"
        "dzVJeLiK9BeSWJ/EKCZN125iPCTNUlM4INKDBp7ENJbIdPEBlie8VGKil6roZfL/1K7yV6wX87mpP5pEoz38N8EDcPUmIQ//mhvcRaWdhdqB"
        "7KlEiUlXe0RNeJmMTXjpMZNE91WKvKR46ONcaO+UBjHBEqVj+bmQPShK8HdU8XHVw5MeTjUfp7qHy8jHZexpMvFxmfop+7gcRANcVn1cDpIB"
        "Lms+rks7Zs1VkCR8j79RcFgavNJVSMJLGp7wUha99B/tKqqfyesf24G9n5Sv1DH8tdLQ8+1hmyky2QfAXuMCIyEebkfHkZaeNqBQrlrrLduB"
        "I/czNyqmDHhc37B77iUPaKZkveycMBBJz1vbhxc83DPX7GM2bkBt95ijZtOBi+istX8eMeB5p49Krfc8ZBs9bqruMJCqd7lM44iHR60zVO0M"
        "G7B1rlnvohUHQuYrLrfLGNBmc3bAfM1D5XDc+pDeYqDQuWOdzdg8PHEz9mj9kwGOuMEtuVkHUOuW1S+fGPAmvY+2o5s8NEfWuKdsjYEa+5Rb"
        "G2nysBndRvvpNwaclPvWrRZyIOsucRuiY8Cn+qidcZ/wYM+cWXc6BQa20h+s8cMKD6/NgJ1j2wYwuznulRlyoBJ9Z2nnWwYMd6rorPWIh6NG"
        "huvWUww49Smu18jy8L5VQv3OcwMi5/vWbPTCaTXfrnDHuzUjDuyxvWbe4y/gcNuaT0eYE+i8tEoziL8Et2dv1B8bKRBHuc/ukWNDa92qlgvG"
        "NKQ1NB69zYf6IwHuGptaYb5lriYM/wGvnIS4"
    ),
)
"""Blocks of 8 KiB of `NRV2B_SOURCE`, each as ucl_nrv2b_99_compress of libucl 1.03 packs it."""
