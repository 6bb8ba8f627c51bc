"""Kubernetes: what the manifests of a directory start, and what they set."""

from __future__ import annotations

import base64

from secopskit.collect.facts import FactPlace, ImageName, MountedVolume, SettingKind, StackKind
from support.project import project

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    spec:
      containers:
        - name: app
          image: ghcr.io/shop/web:1
          command: ["/app"]
          args: ["serve", "--port", "8080"]
          env:
            - name: DATABASE_HOST
              value: db
            - name: DATABASE_PASSWORD
              valueFrom: {secretKeyRef: {name: db, key: password}}
          envFrom:
            - configMapRef: {name: web}
            - secretRef: {name: elsewhere}
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /, port: 8080}}
          securityContext: {privileged: true}
          volumeMounts:
            - {name: data, mountPath: /data, readOnly: true}
            - {name: sock, mountPath: /docker}
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: web-data}}
        - {name: sock, hostPath: {path: /var/run/docker.sock}}
"""
OTHERS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data:
  LOG_LEVEL: info
  DATABASE_HOST: overridden
  nginx.conf: |
    server {}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  type: LoadBalancer
  ports: [{port: 80, targetPort: 8080}]
"""


def test_what_a_directory_starts() -> None:
    found = project({"k8s/web.yaml": WORKLOAD, "k8s/more.yaml": OTHERS})
    (stack,) = found.stacks
    assert (stack.name, stack.kind, stack.files, stack.directory) == (
        "shop",
        StackKind.KUBERNETES,
        ("k8s/more.yaml", "k8s/web.yaml"),
        "k8s",
    )
    service, app = stack.services
    assert service.names == ("web", "web.shop", "web.shop.svc", "web.shop.svc.cluster.local")
    assert (service.exposed, [(port.host, port.container) for port in service.ports]) == ((80,), [(80, 80)])
    assert (app.name, app.image, app.names) == ("app", ImageName("shop/web", "1", "", "ghcr.io"), ())
    assert [(each.name, each.scope, each.place, each.value is None) for each in app.environment] == [
        ("LOG_LEVEL", "app", FactPlace("k8s/more.yaml", 5), False),
        ("DATABASE_HOST", "app", FactPlace("k8s/web.yaml", 15), False),
        ("DATABASE_PASSWORD", "app", FactPlace("k8s/web.yaml", 17), True),
    ]
    assert app.environment_from == ("ConfigMap/web", "Secret/elsewhere")
    assert (app.exposed, app.health_check, app.command) == ((8080,), True, "/app serve --port 8080")
    assert app.privileged == FactPlace("k8s/web.yaml", 24)
    assert app.docker_socket == FactPlace("k8s/web.yaml", 27)
    assert app.volumes[0] == MountedVolume("web-data", "/data", True, FactPlace("k8s/web.yaml", 26))


def test_other_workloads() -> None:
    text = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: a}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: x}]}}}}}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: b}
    spec: {hostNetwork: true, containers: [{name: b, image: y}]}
  - apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: c}
    spec:
      template: {spec: {containers: [{name: c, volumeMounts: [{name: d, mountPath: /d}]}]}}
      volumeClaimTemplates: [{metadata: {name: d}}]
"""
    (stack,) = project({"dev/all.yml": text}).stacks
    assert [(each.name, each.host_network) for each in stack.services] == [
        ("a", False),
        ("b", True),
        ("c", False),
    ]
    assert [volume.source for volume in stack.services[2].volumes] == ["d"]
    assert (stack.name, stack.development) == ("dev", True)


def test_entries_of_maps_and_secrets() -> None:
    coded = base64.b64encode(b"word").decode()
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n"
    text += f"  TOKEN: {coded}\n  tls.crt: x\nstringData:\n  KEY: y\n"
    found = project({"s.yaml": text}).settings
    assert [(s.name, s.scope, s.place.line, s.kind) for s in found] == [
        ("TOKEN", "Secret/s", 5, SettingKind.KUBERNETES),
        ("KEY", "Secret/s", 8, SettingKind.KUBERNETES),
    ]
    assert [len(s.value or ()) for s in found] == [4, 1]


def test_charts() -> None:
    files = {
        "chart/templates/a.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\n",
        "chart/templates/b.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: a-{{ .Values.name }}\n",
        "chart/values.yaml": "web:\n  env:\n    A_B: c\n    low: d\n  extraEnv:\n  - {name: E_F, value: g}\n",
    }
    found = project(files)
    assert found.stacks == ()
    assert [(each.path, each.detail) for each in found.skipped] == [
        ("chart/templates/a.yaml", "a template of Helm"),
        ("chart/templates/b.yaml", "a template of Helm"),
    ]
    assert [(s.name, s.place.line) for s in found.settings] == [("A_B", 3), ("E_F", 6)]


def test_odd_manifests() -> None:
    odd = "apiVersion: v1\nkind: Deployment\nspec: {template: {spec: {containers: "
    odd += "[a, {name: [b]}, {name: c, env: d, ports: [e]}]}}}\n"
    (stack,) = project({"k/odd.yaml": odd}).stacks
    assert [each.name for each in stack.services] == ["c"]
    assert project({"k/odd.yaml": "apiVersion: v1\nkind: Service\nspec: [a]\n"}).stacks == ()
    assert project({"k/odd.yaml": "kind: Service\napiVersion: [\n"}).stacks == ()
