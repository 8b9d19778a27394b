"""What objects of a cluster say, in the forms that they come in."""

from datetime import UTC, datetime, timedelta

import pytest

from app.evidence.window import Window
from collectors.kube import events, holes
from collectors.kube.delivery import _application, _helm_release, _kustomization
from collectors.kube.instances import instances
from collectors.kube.logs import Instance, LogRead
from collectors.kube.rollouts import rollouts, short
from collectors.kube.states import states
from collectors.kube.survey import Survey, Thing
from collectors.kube.target import Target, parse_target, selector_of

NOON = datetime(2025, 2, 9, 12, 0, tzinfo=UTC)


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


def iso(minute: float) -> str:
    return at(minute).isoformat().replace("+00:00", "Z")


def survey(**things) -> Survey:
    found = Survey(None, None, "shop", Window(at(0), at(60)))  # type: ignore[arg-type]
    found.things = {kind: [Thing(each, "ref") for each in listed] for kind, listed in things.items()}
    return found


def thing(name: str, minute: float = 0, owner: str = "", **more) -> dict:
    meta = {"name": name, "uid": f"uid-{name}", "creationTimestamp": iso(minute), **more.pop("metadata", {})}
    if owner:
        meta["ownerReferences"] = [{"uid": f"uid-{owner}", "kind": "Deployment"}]
    return {"metadata": meta, **more}


def template(image: str, **notes: str) -> dict:
    return {"metadata": {"annotations": notes}, "spec": {"containers": [{"name": "app", "image": image}]}}


def replica_set(name: str, minute: float, revision: int, image: str, earlier: str = "", **notes: str) -> dict:
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    if earlier:
        annotations["deployment.kubernetes.io/revision-history"] = earlier
    return thing(
        name,
        minute,
        "api",
        metadata={"annotations": annotations},
        spec={"template": template(image, **notes)},
    )


def written_by(who: str, minute: float) -> dict:
    return {"manager": who, "operation": "Update", "time": iso(minute), "fieldsV1": {"f:spec": {}}}


def test_each_revision_is_told_with_what_changed_and_who_wrote_the_last():
    api = thing("api", metadata={"managedFields": [written_by("kubectl-set", 20)]})
    sets = [replica_set("api-b", 20, 10, "reg/api:2"), replica_set("api-a", 5, 9, "reg/api:1")]
    told = rollouts(survey(deployment=[api], replicaset=sets))
    assert [(fact.at, fact.text, fact.actor) for fact in told] == [
        (at(5), "deployment/api: revision 9 rolled out, api:1", ""),
        (at(20), "deployment/api: revision 10 rolled out, api:2 (before: api:1)", "kubectl-set"),
    ]


def test_a_rollback_is_told_at_the_time_of_its_last_write_and_the_first_rollout_stays():
    api = thing("api", metadata={"managedFields": [written_by("kubectl-rollout", 30)]})
    sets = [replica_set("api-a", 5, 3, "api:1", earlier="1"), replica_set("api-b", 20, 2, "api:2")]
    told = [(fact.at, fact.text, fact.kind) for fact in rollouts(survey(deployment=[api], replicaset=sets))]
    assert told == [
        (at(5), "deployment/api: revision 1 first rolled out, api:1", "change"),
        (at(20), "deployment/api: revision 2 rolled out, api:2 (before: api:1)", "change"),
        (
            at(30),
            "deployment/api: rolled back to revision 1, now revision 3, api:1 (before: api:2)",
            "action",
        ),
    ]


def test_a_rollback_without_a_trace_of_its_time_takes_the_rollout_s_progress_and_says_so():
    api = thing("api", status={"conditions": [{"type": "Progressing", "lastUpdateTime": iso(33)}]})
    sets = [replica_set("api-a", 5, 3, "api:1", earlier="1"), replica_set("api-b", 20, 2, "api:2")]
    back = rollouts(survey(deployment=[api], replicaset=sets))[-1]
    assert (back.at, back.text.endswith(" (at the latest)")) == (at(33), True)


def test_a_controller_revision_that_is_newest_by_number_but_not_by_time_is_a_rollback():
    db = thing("db", metadata={"managedFields": [written_by("helm", 40)]})
    revisions = [
        {**thing("db-1", 5, "db"), "revision": 3, "data": {"spec": {"template": template("db:14")}}},
        {**thing("db-2", 20, "db"), "revision": 2, "data": {"spec": {"template": template("db:15")}}},
    ]
    told = rollouts(survey(statefulset=[db], controllerrevision=revisions))
    back = next(fact for fact in told if fact.kind == "action")
    assert (back.at, back.actor) == (at(40), "helm")
    assert (
        back.text
        == "statefulset/db: rolled back to an earlier revision, now revision 3, db:14 (before: db:15)"
    )


def test_a_restart_by_hand_is_an_action_and_no_rollout():
    stamp = {"kubectl.kubernetes.io/restartedAt": "2025-02-09T13:20:00+01:00"}
    sets = [replica_set("a", 5, 1, "api:1"), replica_set("b", 21, 2, "api:1", **stamp)]
    last = rollouts(survey(deployment=[thing("api")], replicaset=sets))[-1]
    assert (last.at, last.kind, last.text) == (at(20), "action", "deployment/api is restarted (revision 2)")


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("registry.example:5000/team/api:1.2", "api:1.2"),
        ("api@sha256:" + "0123456789abcdef" * 4, "api@sha256:01234567"),
        ("api", "api"),
    ],
)
def test_images_are_short(image, said):
    assert short(image) == said


CORE = {
    "reason": "BackOff",
    "message": "m",
    "type": "Warning",
    "involvedObject": {"kind": "Pod", "name": "p"},
}
NEW = {
    "reason": "BackOff",
    "note": "m",
    "type": "Warning",
    "regarding": {"kind": "Pod", "name": "p"},
    "eventTime": None,
}


@pytest.mark.parametrize(
    ("event", "first", "last", "count"),
    [
        (CORE | {"firstTimestamp": iso(1), "lastTimestamp": iso(9), "count": 7}, 1, 9, 7),
        (CORE | {"firstTimestamp": None, "lastTimestamp": None, "eventTime": iso(2)}, 2, 2, 1),
        (CORE | {"eventTime": iso(2), "series": {"count": 3, "lastObservedTime": iso(4)}}, 2, 4, 3),
        (CORE | {"lastTimestamp": iso(5)}, 5, 5, 1),
        (CORE | {"metadata": {"creationTimestamp": iso(6)}}, 6, 6, 1),
        (
            NEW
            | {"deprecatedFirstTimestamp": iso(1), "deprecatedLastTimestamp": iso(3), "deprecatedCount": 2},
            1,
            3,
            2,
        ),
        (NEW | {"eventTime": "2025-02-09T12:01:00.000000Z"}, 1, 1, 1),
        (CORE | {"firstTimestamp": iso(9), "lastTimestamp": iso(1)}, 9, 9, 1),
    ],
)
def test_the_times_of_an_event_are_found_in_each_of_its_forms(event, first, last, count):
    told = events.read(Thing(event))
    assert (told.first, told.last, told.count) == (at(first), at(last), count)
    assert (told.kind, told.name, told.reason, told.message) == ("pod", "p", "BackOff", "m")


@pytest.mark.parametrize("event", [{}, {"firstTimestamp": "yesterday"}, {"eventTime": 5, "count": "x"}])
def test_an_event_without_a_time_is_passed_over(event):
    assert events.read(Thing(event)) is None


def test_scaling_by_a_rollout_is_told_once_and_scaling_by_hand_is_told():
    def scaled(minute):
        event = CORE | {
            "involvedObject": {"kind": "Deployment", "name": "api"},
            "reason": "ScalingReplicaSet",
        }
        return events.read(
            Thing(event | {"type": "Normal", "firstTimestamp": iso(minute), "metadata": {"uid": str(minute)}})
        )

    sets = [replica_set("a", 5, 1, "api:1")]
    changes = rollouts(survey(deployment=[thing("api")], replicaset=sets))
    found = events.events([scaled(5), scaled(6), scaled(30)], changes, [])
    assert [fact.notable for fact in found] == [False, False, True]


def test_the_same_warning_about_pods_of_one_workload_is_notable_once():
    def warned(name, minute):
        event = CORE | {"involvedObject": {"kind": "Pod", "name": name}, "firstTimestamp": iso(minute)}
        return events.read(Thing(event | {"metadata": {"uid": name}}))

    found = events.events([warned("api-x1", 1), warned("api-x2", 2), warned("db-0", 3)], [], [])
    assert [fact.notable for fact in found] == [True, False, True]


def test_an_evicted_pod_a_failed_pull_and_a_signal_are_told():
    evicted = thing("a", status={
        "phase": "Failed", "reason": "Evicted", "message": "The node was low on memory.",
        "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": iso(4)}],
    })  # fmt: skip
    pulling = thing("b", status={
        "conditions": [{"type": "ContainersReady", "status": "False", "lastTransitionTime": iso(5)}],
        "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ImagePullBackOff", "message": "no"}}}],
    })  # fmt: skip
    ended = {"terminated": {"exitCode": 0, "signal": 15, "reason": "Error", "finishedAt": iso(6)}}
    stopped = thing("c", status={"containerStatuses": [{"name": "app", "state": ended}]})
    told = {fact.text: fact for fact in states(survey(pod=[evicted, pulling, stopped]))}
    assert told["pod/a: Evicted (The node was low on memory.)"].at == at(4)
    assert told["app of pod/b does not start: ImagePullBackOff (no)"].at == at(5)
    assert not told["app of pod/c ended (Error, exit code 0, signal 15)"].notable


@pytest.mark.parametrize("mess", [None, [], "x", 5, {"containerStatuses": [None, 5, {"state": []}]}])
def test_an_object_of_an_unknown_shape_breaks_nothing(mess):
    broken = [{"metadata": mess, "spec": mess, "status": mess}, {"status": mess}, {}]
    kinds = (
        "pod",
        "job",
        "horizontalpodautoscaler",
        "deployment",
        "replicaset",
        "statefulset",
        "controllerrevision",
    )
    found = survey(**dict.fromkeys(kinds, broken))
    states(found)
    rollouts(found)
    for each in broken:
        list(instances(each))
        for read in (_application, _kustomization, _helm_release):
            list(read(Thing(each)))
        selector_of(each)


def test_init_sidecar_and_ephemeral_containers_and_earlier_lives_have_logs():
    pod = thing("p", spec={
        "initContainers": [{"name": "init"}, {"name": "side", "restartPolicy": "Always"}],
        "containers": [{"name": "app"}],
        "ephemeralContainers": [{"name": "debug"}],
    }, status={"containerStatuses": [{"name": "app", "restartCount": 1}]})  # fmt: skip
    assert [each.name for each in instances(pod)] == [
        "p.init", "p.side", "p.app.previous", "p.app", "p.debug",
    ]  # fmt: skip
    assert [each.name for each in instances(pod, ["debug"])] == ["p.debug"]


def test_a_container_between_two_lives_has_one_log():
    over = {"terminated": {"startedAt": iso(1), "finishedAt": iso(5), "exitCode": 1}}
    status = {
        "name": "app",
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": over,
    }
    pod = thing("p", spec={"containers": [{"name": "app"}]}, status={"containerStatuses": [status]})
    (only,) = instances(pod)
    assert (only.previous, only.began, only.ended) == (True, at(1), at(5))


def test_flux_and_argo_cd_histories_are_told():
    release = thing("api", status={"history": [
        {"version": 4, "chartName": "api", "chartVersion": "1.2.3", "status": "failed", "lastDeployed": iso(3)},
        {"version": 3, "chartName": "api", "chartVersion": "1.2.2", "status": "superseded", "lastDeployed": iso(1)},
    ]})  # fmt: skip
    assert [(fact.text, fact.kind) for fact in _helm_release(Thing(release))] == [
        ("helmrelease/api: Helm release 4 of api 1.2.3 (failed)", "symptom"),
        ("helmrelease/api: Helm release 3 of api 1.2.2 (superseded)", "change"),
    ]
    commit = "main@sha1:" + "0123456789" * 4
    applied = thing("shop", status={"history": [
        {"digest": "sha256:x", "firstReconciled": iso(2), "lastReconciledStatus": "ReconciliationSucceeded",
         "metadata": {"revision": commit}},
    ]})  # fmt: skip
    assert [fact.text for fact in _kustomization(Thing(applied))] == [
        "kustomization/shop: Flux applied main@sha1:01234567"
    ]
    several = thing("a", status={"history": [
        {"id": 1, "deployedAt": iso(5), "revisions": ["0123456789" * 4, "1.2.3"], "initiatedBy": {"automated": True},
         "sources": [{"repoURL": "https://a"}]},
    ]})  # fmt: skip
    (synced,) = _application(Thing(several))
    assert synced.text == "application/a was synced by Argo CD to 01234567, 1.2.3 of https://a"
    assert synced.actor == "argocd (automatic)"


def test_the_pods_of_a_rolled_out_deployment_are_gone_with_their_logs():
    api = thing("api", -600)
    made = replica_set("api-b", 20, 2, "api:2")
    pod = thing("api-b-x", 20, metadata={"ownerReferences": [{"uid": "uid-api-b", "kind": "ReplicaSet"}]})
    found = survey(deployment=[api], replicaset=[made], pod=[pod])
    (gap,) = holes.of_pods(found, found.window)
    assert (gap.from_, gap.to) == (at(0), at(20))
    assert gap.why.startswith("The pods of deployment/api from before 12:20:00 are gone")
    young = survey(deployment=[thing("api", 20)], replicaset=[made], pod=[pod])
    assert holes.of_pods(young, young.window) == []


def test_many_holes_of_one_kind_are_told_together():
    reads = [
        LogRead(
            Instance("shop", f"p{number}", "u", "app", previous=True, began=at(1), ended=at(9)), refused="no"
        )
        for number in range(20)
    ]
    (gap,) = holes.of_logs(reads, Window(at(0), at(60)), lambda _: None, lambda _: False)
    assert (gap.from_, gap.to) == (at(1), at(9))
    assert gap.why.startswith("20 logs: logs from before a restart are gone.")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("", Target()),
        ("everything", Target()),
        ("deploy/api", Target("deployment", "api")),
        ("StatefulSet/db", Target("statefulset", "db")),
        ("cj/report", Target("cronjob", "report")),
        ("app=api,tier!=web", Target(selector="app=api,tier!=web")),
        ("app in (a, b)", Target(selector="app in (a, b)")),
        ("app.kubernetes.io/name=api", Target(selector="app.kubernetes.io/name=api")),
    ],
)
def test_a_target_is_understood(text, target):
    assert parse_target(text) == target


@pytest.mark.parametrize(
    "text", ["api", "deployment/", "deployment/../x", "service/api", "app=api&x=y", "pod/A\x1b"]
)
def test_what_is_no_target_is_a_sentence(text):
    with pytest.raises(ValueError, match=r"^“.*” names nothing in a cluster: write deployment/NAME"):
        parse_target(text)


def test_a_selector_with_expressions_is_written_as_a_query():
    expressions = [
        {"key": "tier", "operator": "In", "values": ["a", "b"]},
        {"key": "env", "operator": "NotIn", "values": ["dev"]},
        {"key": "x", "operator": "Exists"},
        {"key": "y", "operator": "DoesNotExist"},
    ]
    workload = {"spec": {"selector": {"matchLabels": {"app": "api"}, "matchExpressions": expressions}}}
    assert selector_of(workload) == "app=api,tier in (a,b),env notin (dev),x,!y"
