"""The application: which path does what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from secopskit.migrate.ledger.history import RunRecord
from secopskit.migrate.run import ApprovedPlan
from secopskit.migrate.server.api import requests
from secopskit.migrate.server.api.openapi import document
from secopskit.migrate.server.api.problems import problem
from secopskit.migrate.server.audit import Audit
from secopskit.migrate.server.backend import Backend, SoundPlan
from secopskit.migrate.server.gate import CALL, Call, Gate
from secopskit.migrate.server.job import Job, JobKind, JobRequest, JobResult
from secopskit.migrate.server.jobs import Jobs
from secopskit.migrate.server.log import Log, to_stderr
from secopskit.migrate.server.settings import ServerSettings
from secopskit.migrate.server.workers import Workers

if TYPE_CHECKING:
    from starlette.requests import Request

_DEFAULT_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class ApiServer:
    """The parts that last as long as the server."""

    settings: ServerSettings
    jobs: Jobs
    audit: Audit
    backend: Backend
    workers: Workers
    log: Log

    @classmethod
    def of(cls, settings: ServerSettings, log: Log = to_stderr) -> ApiServer:
        """Its parts, not yet at work."""
        return cls(
            settings,
            Jobs(log),
            Audit(settings, log),
            Backend(settings.context),
            Workers(settings.limits),
            log,
        )

    def app(self) -> Gate:
        """The application, for an ASGI server."""
        inner = Starlette(routes=_routes(Api(self)), exception_handlers={HTTPException: _not_here})
        inner.router.redirect_slashes = False
        return Gate(inner, self.settings, self.audit, self.workers, self.log)

    def finish(self, every_s: float = 5) -> None:
        """Wait for what is under way, telling what it is, and record what is left."""
        self.jobs.close()
        self.workers.close()
        self.jobs.drain(every_s)
        self.audit.close()


class Api:
    """What each path does."""

    def __init__(self, server: ApiServer) -> None:
        self._server = server
        self._limits = server.settings.limits
        self._document = document(server.settings.limits)

    async def liveness(self, request: Request) -> Response:
        """Whether this process answers."""
        requests.read_query(request.query_params.multi_items(), ())
        return JSONResponse({"status": "ok"})

    async def openapi(self, request: Request) -> Response:
        """The document of this API."""
        requests.read_query(request.query_params.multi_items(), ())
        return JSONResponse(self._document)

    async def health(self, request: Request) -> Response:
        """Whether the database can be reached, and what is going on."""
        requests.read_query(request.query_params.multi_items(), ())
        data = await self._server.workers.run(self._server.backend.health)
        active = self._server.jobs.active()
        return JSONResponse(data | {"job": active and active.id})

    async def status(self, request: Request) -> Response:
        """What is applied, what is pending."""
        requests.read_query(request.query_params.multi_items(), ())
        return JSONResponse(await self._server.workers.run(self._server.backend.status))

    async def plan(self, request: Request) -> Response:
        """What an apply would do."""
        query = requests.read_query(request.query_params.multi_items(), ("to", "steps"))
        wanted = requests.range_of_query(query)
        data = await self._server.workers.run(lambda: self._server.backend.plan(wanted))
        _call(request).plan = data["hash"]
        return JSONResponse(data)

    async def history(self, request: Request) -> Response:
        """What was done and tried."""
        query = requests.read_query(request.query_params.multi_items(), ("limit", "version"))
        limit = requests.number(query, "limit", requests.MOST_ROWS) or _DEFAULT_ROWS
        version = requests.recorded_version(query)
        backend = self._server.backend
        data = await self._server.workers.run(lambda: backend.history(limit=limit, version=version))
        return JSONResponse(data)

    async def dry_run(self, request: Request) -> Response:
        """Try the plan on a shadow."""
        wanted = requests.range_of_body(await _json(request))
        key = requests.read_key(request.headers.getlist("idempotency-key"), needed=False)
        backend = self._server.backend
        return await self._job(
            request,
            JobRequest(kind=JobKind.DRY_RUN, body=(wanted,), key=key),
            lambda: backend.prepare_dry_run(wanted),
            backend.dry_run,
        )

    async def apply(self, request: Request) -> Response:
        """Carry out the plan that was looked at."""
        wanted = requests.apply_of_body(await _json(request))
        key = requests.read_key(request.headers.getlist("idempotency-key"), needed=True)
        _call(request).plan = wanted.plan
        backend = self._server.backend
        return await self._job(
            request,
            JobRequest(kind=JobKind.APPLY, body=(wanted,), key=key),
            lambda: backend.prepare_apply(wanted),
            backend.apply,
        )

    async def jobs(self, request: Request) -> Response:
        """The jobs of this server."""
        requests.read_query(request.query_params.multi_items(), ())
        summary = ("id", "kind", "state", "plan", "by", "created_at", "ended_at", "total", "done")
        found = [job.data() for job in self._server.jobs.recent()]
        return JSONResponse({"jobs": [{name: data[name] for name in summary} for data in found]})

    async def job(self, request: Request) -> Response:
        """How far a job is."""
        requests.read_query(request.query_params.multi_items(), ())
        return JSONResponse(self._named(request).data())

    async def cancel(self, request: Request) -> Response:
        """Cancel a job before it begins."""
        requests.read_query(request.query_params.multi_items(), ())
        job = self._named(request)
        if not self._server.jobs.cancel(job):
            raise problem(
                409, "not-cancellable", f"the job is {job.state.value}", "Only a countdown can be cancelled."
            )
        return JSONResponse(job.data())

    def _named(self, request: Request) -> Job:
        job = self._server.jobs.get(request.path_params["job"])
        if job is None:
            raise problem(
                404, "not-found", "no such job here", "After a restart, GET /v1/history tells what was done."
            )
        return job

    async def _job(
        self,
        request: Request,
        asked: JobRequest,
        prepare: Callable[[], ApprovedPlan | SoundPlan],
        work: Callable[..., JobResult],
    ) -> Response:
        """Answer with the job for what was `asked`: a new one, or the one of the same request before."""
        call = _call(request)
        job, fresh = self._server.jobs.claim(asked, call.who)
        if fresh:
            await self._server.workers.run(lambda: self._begin(call, job, prepare, work))
            call.recorded = True
        location = {"location": f"/v1/jobs/{job.id}"}
        return JSONResponse(job.data(), status_code=202 if fresh else 200, headers=location)

    def _begin(
        self,
        call: Call,
        job: Job,
        prepare: Callable[[], ApprovedPlan | SoundPlan],
        work: Callable[..., JobResult],
    ) -> None:
        """Check, record and start a job, in this order. What is not recorded is not started."""
        server = self._server
        actor = f"api token {call.who}"
        record = RunRecord(id=job.id, actor=actor, git_sha=server.settings.commit)
        try:
            ready = prepare()
            call.plan = ready.plan.hash
            with job.lock:
                job.plan, job.total = ready.plan.hash, len(ready.plan.steps)
            message = f"{call.what} from {call.client}: accepted as job {job.id}"
            server.audit.record(server.audit.row(record, message, plan=job.plan))
        except BaseException:
            server.jobs.abandon(job)
            raise
        server.jobs.start(
            job,
            lambda job: work(ready, record, job.tell),
            lambda job: self._ended(job, record),
            countdown_s=ready.countdown_s,
        )

    def _ended(self, job: Job, record: RunRecord) -> None:
        ok = job.error is None and job.state.value == "succeeded"
        message = f"{job.request.kind.value} job {job.id}: {job.state.value}, {job.done} of {job.total} files"
        self._server.log(message)
        self._server.audit.write(self._server.audit.row(record, message, ok=ok, plan=job.plan))


def _routes(api: Api) -> list[Route]:
    return [
        _route("GET", "/healthz", api.liveness),
        _route("GET", "/v1/openapi.json", api.openapi),
        _route("GET", "/v1/health", api.health),
        _route("GET", "/v1/status", api.status),
        _route("GET", "/v1/plan", api.plan),
        _route("GET", "/v1/history", api.history),
        _route("POST", "/v1/dry-run", api.dry_run),
        _route("POST", "/v1/apply", api.apply),
        _route("GET", "/v1/jobs", api.jobs),
        _route("GET", "/v1/jobs/{job}", api.job),
        _route("POST", "/v1/jobs/{job}/cancel", api.cancel),
    ]


def _route(method: str, path: str, handle: Callable[[Request], Awaitable[Response]]) -> Route:
    async def endpoint(request: Request) -> Response:
        _call(request).route = path
        return await handle(request)

    return Route(path, endpoint, methods=[method])


def _call(request: Request) -> Call:
    call = request.scope[CALL]
    assert isinstance(call, Call)  # noqa: S101 - the gate has put it there
    return call


async def _json(request: Request) -> dict[str, Any]:
    requests.read_query(request.query_params.multi_items(), ())
    return requests.read_json(request.headers.get("content-type", ""), await request.body())


def _not_here(request: Request, error: Exception) -> Response:
    """Paths and methods that there are not."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it only
    _call(request).route = "(unknown path)"
    allow = dict(error.headers or {}).get("Allow", "")
    if error.status_code == 405:
        raise problem(405, "method-not-allowed", "this path has no such method", allow=allow)
    raise problem(404, "not-found", "there is nothing here", "GET /v1/openapi.json tells what there is.")
