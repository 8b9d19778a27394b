"""Factors of a document: flat lists, lists in lists, and why-trees with the questions between the answers."""

import re
from dataclasses import replace

from app.importing.blocks import Block
from app.importing.draft import Draft
from app.importing.parts import Part, item_groups
from app.importing.words import bare, joined, label_of, mark_of, plain, role_of
from app.markdown import words as decoded

_ASKED = re.compile(
    # The second why may say that it is: "Why 2: Why was the pool empty?"
    r"(?:\*\*|__)?(?:(?:why|warum|pourquoi|por ?qu[ée]|perché|なぜ)\s*#?\d\s*[:.)]\s*(?:\*\*|__)?\s*)?"
    r"(?P<question>[^?？\n]{3,300}(?:\n[^?？\n]{1,200})?[?？])(?:\*\*|__|\*|_)?(?=\s|\Z)",
    re.IGNORECASE,
)
_WHY = re.compile(r"(?:why|warum|wieso|weshalb|pourquoi|por ?qu[ée]|perché|waarom|なぜ)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\W*(?:(?:(?:root|contributing|underlying) )?(?:cause|factor|ursache|causa|原因)\s*)?"
    r"#?[0-9]{1,2}\s*[.:)–—-]\s*(?=\S)",
    re.IGNORECASE,
)
_TOLD = re.compile(r"[^\W\d_][^{}<>=;$|#/\\()\[\]]*\s[^{}<>=;$|#/\\()\[\]]*")
_FACTOR_COLUMN = re.compile(r"(?:contributing |root )?(?:factors?|causes?|conditions?)", re.IGNORECASE)
_TOLD_COLUMN = re.compile(
    r"descriptions?|details?|explanation|how it contributed|what happened", re.IGNORECASE
)
_ANSWER = re.compile(r"\A(?:answer|antwort|réponse|respuesta|resposta|risposta)\s*:\s*", re.IGNORECASE)
_Q = re.compile(r"(?:Q|question)\s*#?\d{0,2}\s*[:.)]\s*(?P<said>\S.{2,299}\?)", re.IGNORECASE)
_A = re.compile(r"(?:A|answer)\s*#?\d{0,2}\s*[:.)]\s*(?P<said>\S.*)", re.IGNORECASE)
_ASKS = re.compile(r"question|frage|pregunta|pergunta", re.IGNORECASE)
_LONGEST = 400
"""Characters of a paragraph that is one factor; more is a story."""
_QUOTED = re.compile(r"^\s*(?:>\s*)+")
_QUESTION = re.compile(r"\s*(?:\*\*|__|_|\*)?(?P<words>[^\n]{3,300}\?)(?:\*\*|__|_|\*)?\s*")


def factors_of(part: Part, draft: Draft, *, heading: str, root: str = "", prose: str = "") -> None:
    """The factors of *part* below the factor *root*; running text goes to *prose*, or under *heading*."""
    mark = mark_of(part.title)
    fences = [block for block in part.blocks if block.kind == "fence"]
    part = _ladder(part)
    for block in fences:
        if block not in part.blocks:
            draft.use(block.begin, block.begin + 1, "layout")
            draft.use(block.end - 1, block.end, "layout")
    part, behind = _first_chain(part)
    if behind:
        _chain(part, draft, heading, root, prose)
        part = behind
        label = label_of(part.blocks[0].text) if part.blocks[0].kind == "paragraph" else None
        if label and not label[1] and role_of(label[0]) is None:
            # A list of something else, under a name of its own.
            draft.use(part.blocks[0].begin, part.blocks[0].end, "heading", label[0])
            draft.passage(decoded(bare(label[0])).rstrip(":"), part.blocks[1].begin, part.blocks[-1].end)
            return
    if (part.role == "whys" or _all_ask(part)) and _chain(part, draft, heading, root, prose):
        return
    told = [block for block in part.blocks if block.kind != "rule"]
    if part.role == "factors" and part.head and not prose and told and all(map(_is_sentence, told)):
        # What contributed, told in a sentence or two instead of a list.
        for block in told:
            draft.factor(block.begin, block.end, parent=root, mark=mark, text=decoded(joined(block.text)))
        return
    above: list[tuple[int, str]] = []
    """Depth and id of the items that the next one stands under."""
    questions: dict[int, str] = {}
    open_questions: dict[int, str] = {}
    """Those to which nothing answered yet."""
    for block in part.blocks:
        if block.kind == "rule":
            draft.use(block.begin, block.end, "layout")
        elif block.kind == "item":
            open_questions.pop(block.depth, None)
            while above and above[-1][0] >= block.depth:
                above.pop()
            parent = above[-1][1] if above else root
            question = questions.get(block.depth, "")
            fields = _fields(block, nested=bool(above))
            name = draft.factor(
                block.begin, block.end, parent=parent, question=question, mark="" if above else mark, **fields
            )
            above.append((block.depth, name))
            for deeper in [depth for depth in questions if depth > block.depth]:
                del questions[deeper]
        elif block.kind == "paragraph" and (found := _question(block)):
            # Asked of the item that it stands in, it is answered by the items below that.
            questions[block.depth + 1] = open_questions[block.depth + 1] = found
            draft.use(block.begin, block.end, "factor", "question")
        elif block.kind == "paragraph" and (asked := open_questions.pop(block.depth + 1, "")):
            text = decoded(joined(block.text))
            draft.factor(block.begin, block.end, parent=root, question=asked, mark=mark, text=text)
        elif above and block.depth:
            _append(draft, block, above)
        elif block.kind == "table" and _rows(block, draft, root=root, mark=mark):
            continue
        elif part.role == "factors" and (lines := told_lines(block)):
            for number, line in lines:
                draft.factor(number, number + 1, parent=root, mark=mark, text=line)
            draft.use(block.begin, block.end, "layout")
        elif prose:
            draft.say(prose, block.begin, block.end)
        else:
            draft.passage(heading, block.begin, block.end)
    for asked in open_questions.values():
        draft.keep(heading, asked)


def _first_chain(part: Part) -> tuple[Part, Part | None]:
    """A list of whys with something else behind it, apart from that; the part as it is where it is not so."""
    groups = item_groups(part.blocks)
    asks = [bool(_asked(group)) if group[0].kind == "item" else None for group in groups]
    first = next((group[0].text for group in groups if group[0].kind == "item"), "")
    if not _WHY.match(first.lstrip("*_ ")):
        return part, None
    last = next((place for place, each in enumerate(asks) if each is False), None)
    if last is None or sum(each is True for each in asks[:last]) < 2:
        return part, None
    # What stands between the lists is said of the second one.
    while asks[last - 1] is None:
        last -= 1
    said = replace(part, blocks=[block for group in groups[:last] for block in group])
    return said, replace(part, role=None, blocks=[block for group in groups[last:] for block in group])


def _rows(block: Block, draft: Draft, *, root: str, mark: str) -> bool:
    """A table of factors: each row is one, with what its other columns say; whether it was one."""
    head = [plain(cell) for cell in block.rows[0].cells]
    name = next((place for place, cell in enumerate(head) if _FACTOR_COLUMN.fullmatch(cell)), None)
    if name is None or len(block.rows) < 2:
        return False
    told = next((place for place, cell in enumerate(head) if _TOLD_COLUMN.fullmatch(cell)), None)
    for row in block.rows[1:]:
        cells = [decoded(bare(cell)).strip() for cell in (*row.cells, *[""] * len(head))][: len(head)]
        more = [
            f"{head[place]}: {cell}"
            for place, cell in enumerate(cells)
            if place not in {name, told} and cell and not (cell.isdigit() and not head[place].strip("#"))
        ]
        text = cells[told] if told is not None and cells[told] else ""
        said = {"label": cells[name], "text": text} if text else {"text": cells[name]}
        said["text"] = "\n".join([said["text"], *more])
        draft.factor(row.line, row.line + 1, parent=root, mark=mark, **said)
    draft.use(block.begin, block.end, "layout")
    return True


def told_lines(block: Block) -> list[tuple[int, str]]:
    """The lines of a code block that is no code but a list of sentences, with their numbers; none otherwise."""
    if block.kind != "fence":
        return []
    lines = [(block.begin + place, line.strip()) for place, line in enumerate(block.text.split("\n"))]
    lines = [(number, line) for number, line in lines if line and not line.startswith(("```", "~~~"))]
    return lines if lines and all(_TOLD.fullmatch(line) for _, line in lines) else []


def cause_of(part: Part, draft: Draft, *, root: str = "") -> bool:
    """A heading that is one of several causes, as ``### 1. Wrong sender``, becomes a factor with its words.

    False where the heading is none, and nothing was taken.
    """
    found = _NUMBERED.match(part.title)
    said = [block for block in part.blocks if block.kind != "rule"]
    if found is None or part.head is None or any(block.kind not in {"paragraph", "fence"} for block in said):
        return False
    title = decoded(bare(part.title[found.end() :]))
    if not said:
        draft.factor(part.head.begin, part.head.end, parent=root, text=title)
        return True
    text = draft.raw(said[0].begin, said[-1].end)
    if all(block.kind == "paragraph" for block in said):
        text = "\n\n".join(decoded(joined(block.text)) for block in said)
    draft.factor(part.head.begin, said[-1].end, parent=root, label=title, text=text)
    return True


def with_rungs(part: Part) -> Part:
    """*part* with the headings below it that ask why, as ``### Why was it full?``, as items that ask and answer."""
    asked = [each for each in part.parts if each.head and _is_rung(each)]
    if len(asked) < 2:
        return part
    rungs = []
    for each in asked:
        said = [block for block in each.blocks if block.kind != "rule"]
        begin, end = each.head.begin if each.head else said[0].begin, said[-1].end
        asked_in, answer = _asked_below(each)
        rungs.append(Block("item", begin, end, f"{asked_in or bare(each.title)}\n{answer}"))
        rungs += [block for block in each.blocks if block.kind == "rule"]
    left = [each for each in part.parts if all(each is not one for one in asked)]
    return replace(part, blocks=[*part.blocks, *rungs], parts=left)


def _is_rung(part: Part) -> bool:
    title = bare(part.title)
    said = [block for block in part.blocks if block.kind != "rule"]
    words = all(block.kind in {"paragraph", "item"} for block in said)
    asks = title.endswith(("?", "？")) or bool(_asked_below(part)[0])
    return bool(_WHY.match(title) and asks and said and words and not part.parts)


def _asked_below(part: Part) -> tuple[str, str]:
    """The question that a heading such as "Why 1: the surface" has below it, and the answer to it."""
    said = [block.text for block in part.blocks if block.kind != "rule"]
    label = label_of(said[0]) if said else None
    if label is None or not _ASKS.fullmatch(label[0]) or not label[1].rstrip("*_ ").endswith(("?", "？")):
        return "", "\n\n".join(said)
    answers = [label_of(text) for text in said[1:]]
    told = [
        found[1] if found and _ANSWER.match(f"{found[0]}:") else text
        for found, text in zip(answers, said[1:], strict=True)
    ]
    return " ".join(label[1].split()), "\n\n".join(told)


def _ladder(part: Part) -> Part:
    """*part* with the lines "Why? → answer" of its paragraphs, quoted or not, as items of a list."""
    found: list[Block] = []
    said = [each for whole in _answered(part.blocks) for each in _dialogue(whole)]
    for block in _under_questions(said):
        lines = [_QUOTED.sub("", line) for line in block.text.split("\n")]
        rungs = [
            Block("item", block.begin + place, block.begin + place + 1, line, depth=0)
            for place, line in enumerate(lines)
        ]
        told = block.kind == "paragraph" and len(rungs) > 1 and len(rungs) == block.end - block.begin
        found += rungs if told and _WHY.match(lines[0]) and all(_asked([rung]) for rung in rungs) else [block]
    return replace(part, blocks=found)


def _dialogue(block: Block) -> list[Block]:
    """A code block of questions and answers, "Q1: Why …?" and "A: …", as items; what else it holds stays text."""
    if block.kind != "fence":
        return [block]
    found: list[Block] = []
    questions = 0
    for place, line in enumerate(block.text.split("\n"), block.begin):
        said = line.strip()
        before = found[-1] if found else None
        if asked := _Q.fullmatch(said):
            found.append(Block("item", place, place + 1, asked["said"], depth=1))
            questions += 1
        elif before and before.kind == "item" and "\n" not in before.text and (answer := _A.fullmatch(said)):
            found[-1] = replace(before, end=place + 1, text=f"{before.text}\n{answer['said']}")
        elif before and said and place == before.end and before.text.count("\n"):
            # An answer, or a text, that goes on.
            found[-1] = replace(before, end=place + 1, text=f"{before.text}\n{said}")
        elif said and not said.startswith(("```", "~~~")):
            found.append(Block("paragraph", place, place + 1, said))
    answered = [each for each in found if each.kind == "item" and "\n" in each.text]
    return found if questions > 1 and len(answered) == questions else [block]


def _under_questions(found: list[Block]) -> list[Block]:
    """Items behind a question that nothing answers, "1. Why …?" and "- Because …" at the same edge, as its own."""
    asking = [
        block.kind == "item"
        and bool(_WHY.match(block.text.lstrip("*_ ")))
        and bool(_QUESTION.fullmatch(block.text.replace("\n", " ")))
        for block in found
    ]
    depth = next((block.depth for block, asks in zip(found, asking, strict=True) if asks), 0)
    follow = [
        asks and behind.kind == "item" and behind.depth == depth and not asked
        for asks, behind, asked in zip(asking, found[1:], asking[1:], strict=False)
    ]
    if (
        sum(asking) < 2
        or not all(follow[place] for place, asks in enumerate(asking[:-1]) if asks)
        or asking[-1]
    ):
        return found
    told: list[Block] = []
    below = False
    for block, asks in zip(found, asking, strict=True):
        below = asks or (below and block.kind in {"item", "paragraph"} and block.depth >= depth)
        told.append(replace(block, depth=block.depth + 1) if below and not asks else block)
    return told


def _answered(found: list[Block]) -> list[Block]:
    """Paragraphs that ask why and answer, or whose answer is the next one, as items; where there are several."""
    told: list[Block] = []
    asked = 0
    for block in found:
        before = told[-1] if told else None
        text = block.text.lstrip("*_ ")
        if block.kind == "paragraph" and block.depth == 0 and _WHY.match(text) and _asked([block]):
            told.append(replace(block, kind="item"))
            asked += 1
        elif (
            block.kind == "paragraph"
            and before
            and before.kind == "paragraph"
            and _QUESTION.fullmatch(before.text.replace("\n", " "))
            and _WHY.match(before.text.lstrip("*_ "))
        ):
            text = f"{before.text}\n{block.text}"
            told[-1] = replace(before, kind="item", end=block.end, text=text)
            asked += 1
        else:
            told.append(block)
    return told if asked > 1 else found


def _all_ask(part: Part) -> bool:
    """Whether each item asks and answers, the first by "why": a list of whys under a heading such as "Root cause"."""
    items = [group for group in item_groups(part.blocks) if group[0].kind == "item"]
    first = items[0][0].text.lstrip("*_ ") if items else ""
    return len(items) > 1 and bool(_WHY.match(first)) and all(_asked(group) for group in items)


def _chain(part: Part, draft: Draft, heading: str, root: str, prose: str) -> bool:
    """A list of whys one after another: each answer is the reason of the one before it.

    The question is the item, and the answer stands below it or behind it; or the items are the answers. False for a
    list that has a tree of its own.
    """
    groups = item_groups(part.blocks)
    items = [group for group in groups if group[0].kind == "item"]
    asked = [_asked(group) for group in items]
    if len(items) < 2 or (not all(asked) and any(len(group) > 1 for group in items)):
        return False
    parent = root
    for group in groups:
        begin, end = group[0].begin, group[-1].end
        if group[0].kind == "rule":
            draft.use(begin, end, "layout")
        elif group[0].kind != "item" and prose:
            draft.say(prose, begin, end)
        elif group[0].kind != "item":
            draft.passage(heading, begin, end)
        elif found := _asked(group):
            question, answer = found
            parent = draft.factor(begin, end, parent=parent, question=question, text=answer)
        else:
            parent = draft.factor(begin, end, parent=parent, **_fields(group[0], nested=bool(parent)))
    return True


def _asked(group: list[Block]) -> tuple[str, str] | None:
    """The question of an item and its answer: in the items below it, on its next lines, or behind it."""
    first = group[0].text
    found = _ASKED.match(first)
    if found is None:
        return None
    question = decoded(bare(joined(found["question"])))
    behind = _ANSWER.sub("", joined(first[found.end() :]).lstrip("-–—:→> *_"))
    below = [joined(block.text) for block in group[1:] if block.kind in {"item", "paragraph"}]
    if not behind and not below:
        return None
    return question, decoded("\n\n".join(each for each in (behind, *below) if each))


def _fields(block: Block, *, nested: bool) -> dict[str, str]:
    text = joined(block.text)
    label = label_of(text)
    if label and label[1] and not nested:
        return {"label": decoded(bare(label[0])).rstrip(":"), "text": decoded(label[1])}
    if label and label[1]:
        return {"text": decoded(f"{label[0]}: {label[1]}")}
    # In bold as a whole, as above the items that say more.
    return {"text": decoded(label[0] if label else text)}


def _is_sentence(block: Block) -> bool:
    return block.kind == "paragraph" and len(block.text) <= _LONGEST and not block.text.endswith(":")


def _question(block: Block) -> str:
    found = _QUESTION.fullmatch(block.text.replace("\n", " "))
    asks = (
        re.match(r"(?:why|how|what|which|when|where|who)\b", found["words"].lstrip("*_ "), re.IGNORECASE)
        if found
        else None
    )
    return decoded(found["words"].strip("*_ ")) if found and asks else ""


def _append(draft: Draft, block: Block, above: list[tuple[int, str]]) -> None:
    """A further paragraph inside an item goes on with its factor."""
    inside = [name for depth, name in above if depth <= block.depth]
    name = inside[-1] if inside else above[0][1]
    place = next(place for place, factor in enumerate(draft.factors) if factor.id == name)
    factor = draft.factors[place]
    draft.factors[place] = factor.model_copy(
        update={"text": f"{factor.text}\n\n{decoded(joined(block.text))}"}
    )
    draft.use(block.begin, block.end, "factor", name)
