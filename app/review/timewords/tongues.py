"""Words of other languages than English that stand in and around times: tables, read by the patterns beside them.

German, French, Spanish, Portuguese, Italian, Dutch; Japanese, Chinese and Korean have their own way to write a
time of day, which :mod:`app.review.timewords.eastern` reads.
"""

from typing import Final

EASTERN: Final = "\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f"
"""Letters that stand beside digits without a space between them, for a class of characters."""

DASHES: Final = "\\-\u2010-\u2015\u2212"
"""What people and their editors write for a hyphen or a dash, for a class of characters."""

# "las", "as", "le": the article before a time of day.
_THE = r"(?: (?:las?|as|le|les))?"

ABOUT: Final = (
    rf"etwa|ungefähr|zirka|environ|vers{_THE}|aux (?:environs|alentours) de|sobre las?|alrededor de{_THE}|hacia{_THE}"
    rf"|aproximadamente(?: a las?| às)?|cerca (?:de{_THE}|das?)|por volta d[aeo]s?|verso le"
    r"|intorno (?:alle|all['’](?=1\b))|omstreeks|rond"
)
HOUR_LEADS: Final = r"à|às|vers|las|le|alle|ore|om|kl\.?"
"""Before a bare hour such as ``15h``, which behind other words is a length."""

NEAR: Final = r"kurz|peu|juste|poco|justo|pouco|logo|subito"
AFTER: Final = rf"nach|après|tras{_THE}|después de{_THE}|após{_THE}|depois d[ae]s?|dopo{_THE}"
BEFORE: Final = rf"vor|avant|antes (?:de{_THE}|das?)|prima (?:di|delle)"
LIMIT: Final = rf"spätestens(?: um)?|jusqu['’]à|hasta{_THE}|até(?: às?)?|entro le"
FROM: Final = rf"ab|seit|von|depuis|dès|desde{_THE}|a partir d[aeo]s?{_THE}|dalle"
FILLER: Final = r"um|am|à|a las?|às|de las?|de|das|el|le|em|ore|alle(?: ore)?|om|kl\.?"

TO: Final = (
    rf"bis(?: (?:um|zum|ca\.))?|à|às|jusqu['’]à|hasta{_THE}|até(?: às?)?|alle|tot"
    r"|a(?= (?:las? )?[0-9]{1,2}[:h])(?: las?)?"
)
BETWEEN: Final = rf"zwischen|entre{_THE}|tra{_THE}"
AND: Final = rf"und|et|y{_THE}|e{_THE}"

OF_MORNING: Final = (
    r"nachts|morgens|vormittags|früh|du matin|de la (?:mañana|madrugada)|da (?:manhã|madrugada)"
    r"|del mattino|di (?:mattina|notte)|'s (?:ochtends|nachts)"
)
OF_EVENING: Final = (
    r"nachmittags|abends|de l['’]après-midi|du soir|de la (?:tarde|noche)|da (?:tarde|noite)"
    r"|del pomeriggio|di sera|'s (?:middags|avonds)"
)
"""Behind a time of day, what am and pm are in English."""

NOON: Final = r"Mittag|(?:(?<=à )|(?<=vers ))midi|mediodía|meio-dia|mezzogiorno|正午|정오"
MIDNIGHT: Final = r"Mitternacht|minuit|medianoche|meia-noite|mezzanotte|자정"

DAYS: Final = {
    **dict.fromkeys(("heute", "aujourd'hui", "hoy", "hoje", "oggi", "当日", "同日", "本日"), 0),
    **dict.fromkeys(("gestern", "hier", "ayer", "ontem", "ieri", "gisteren", "昨日", "前日"), -1),
    **dict.fromkeys(
        ("am nächsten Tag", "am Folgetag", "le lendemain", "al día siguiente", "no dia seguinte", "翌日"), 1
    ),
}
"""Days that are counted from the one before. "hier" is also German for "here": a time of day must follow."""

WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "montag lundi lunes segunda-feira lunedì maandag",
            "dienstag mardi martes terça-feira martedì dinsdag",
            "mittwoch mercredi miércoles quarta-feira mercoledì woensdag",
            "donnerstag jeudi jueves quinta-feira giovedì donderdag",
            "freitag vendredi viernes sexta-feira venerdì vrijdag",
            "samstag sonnabend samedi sábado sabato zaterdag",
            "sonntag dimanche domingo domenica zondag",
        )
    )
    for name in names.split()
}
