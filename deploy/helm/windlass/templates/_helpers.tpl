{{- define "windlass.name" -}}
{{- if contains "windlass" .Release.Name }}{{ .Release.Name | trunc 45 | trimSuffix "-" }}{{ else }}{{ printf "%s-windlass" .Release.Name | trunc 45 | trimSuffix "-" }}{{ end }}
{{- end }}

{{/* Labels of one part; give (dict "root" $ "part" "qa"). */}}
{{- define "windlass.selector" -}}
app.kubernetes.io/name: windlass
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "windlass.labels" -}}
{{ include "windlass.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "windlass.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end }}

{{/*
Every secret that windlass.yaml names, as its own `secrets` has them: name, Kubernetes Secret, key, and who reads it.
*/}}
{{- define "windlass.secrets" -}}
{{- $everybody := list "workflow" "release" "devops" "qa" "writer" "support" "api" -}}
{{- $all := deepCopy .Values.secrets -}}
{{- range .Values.temporal.payloadKeys -}}
{{- $_ := set $all (printf "payload_key_%s" (.keyId | replace "-" "_")) (dict "secret" .secret "key" .key "roles" $everybody) -}}
{{- end -}}
{{- range .Values.ledger.keys -}}
{{- if .secret -}}
{{- $_ := set $all (printf "ledger_%s" (.keyId | replace "-" "_")) (dict "secret" .secret "key" (required (printf "say ledger.keys: the key of the Secret %s in which the private key %s lies" .secret .keyId) .key) "roles" (list .role)) -}}
{{- end -}}
{{- end -}}
{{- with .Values.temporal.apiKey -}}
{{- if .secret }}{{ $_ := set $all "temporal_api_key" (dict "secret" .secret "key" .key "roles" $everybody) }}{{ end -}}
{{- end -}}
{{- with .Values.temporal.tls.clientSecret -}}
{{- $_ := set $all "temporal_client_key" (dict "secret" . "key" "tls.key" "roles" $everybody) -}}
{{- end -}}
{{- if .Values.store.s3.bucket -}}
{{- with .Values.store.s3.secret -}}
{{- $_ := set $all "s3_secret_access_key" (dict "secret" .name "key" .key "roles" (list "release" "devops" "qa" "writer" "support" "api")) -}}
{{- end -}}
{{- end -}}
{{ toYaml $all }}
{{- end }}

{{/* windlass.yaml, whole. */}}
{{- define "windlass.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- $_ := set $config "version" 1 -}}
{{- $temporal := dict "address" .Values.temporal.address "namespace" .Values.temporal.namespace -}}
{{- if .Values.temporal.payloadKeys -}}
{{- $keys := list -}}
{{- range .Values.temporal.payloadKeys -}}
{{- $keys = append $keys (dict "key_id" .keyId "key" (printf "payload_key_%s" (.keyId | replace "-" "_"))) -}}
{{- end -}}
{{- $_ := set $temporal "payload_keys" $keys -}}
{{- else -}}
{{- $_ := set $temporal "sealed_payloads" false -}}
{{- end -}}
{{- if .Values.temporal.apiKey.secret }}{{ $_ := set $temporal "api_key" "temporal_api_key" }}{{ end -}}
{{- with .Values.temporal.tls -}}
{{- if .enabled -}}
{{- $tls := dict -}}
{{- if .serverName }}{{ $_ := set $tls "server_name" .serverName }}{{ end -}}
{{- if .caSecret }}{{ $_ := set $tls "ca_file" "/run/windlass/temporal-ca/ca.crt" }}{{ end -}}
{{- if .clientSecret -}}
{{- $_ := set $tls "certificate_file" "/run/windlass/temporal-client/tls.crt" -}}
{{- $_ := set $tls "key" "temporal_client_key" -}}
{{- end -}}
{{- $_ := set $temporal "tls" (ternary $tls true (gt (len $tls) 0)) -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "temporal" $temporal -}}
{{- if .Values.ledger.keys -}}
{{- if hasKey $config "ledger" }}{{ fail "say the ledger's keys once: in ledger.keys of the values, or in config.ledger" }}{{ end -}}
{{- $keys := list -}}
{{- range .Values.ledger.keys -}}
{{- $key := dict "key_id" .keyId "role" .role "public_key" .publicKey -}}
{{- if .secret }}{{ $_ := set $key "private_key" (printf "ledger_%s" (.keyId | replace "-" "_")) }}{{ end -}}
{{- if .notAfter }}{{ $_ := set $key "not_after" .notAfter }}{{ end -}}
{{- $keys = append $keys $key -}}
{{- end -}}
{{- $_ := set $config "ledger" (dict "keys" $keys) -}}
{{- end -}}
{{- with .Values.store.s3 -}}
{{- if .bucket -}}
{{- $_ := set $config "store" (dict "s3" (dict "endpoint" .endpoint "bucket" .bucket "region" .region "access_key_id" .accessKeyId "secret_access_key" "s3_secret_access_key")) -}}
{{- else -}}
{{- $_ := set $config "store" (dict "folder" "/var/lib/windlass/store") -}}
{{- end -}}
{{- end -}}
{{- $_ := set $config "work_folder" "/var/lib/windlass/work" -}}
{{- $api := default dict $config.api -}}
{{- $_ := set $api "listen" "0.0.0.0:8080" -}}
{{- $host := ternary (printf "https://%s" .Values.api.ingress.host) "" .Values.api.ingress.enabled -}}
{{- $_ := set $api "url" (required "say api.url: the address under which people reach the API, since links in notices lead there" (.Values.api.url | default $host)) -}}
{{- $_ := set $config "api" $api -}}
{{- $secrets := dict -}}
{{- range $name, $entry := include "windlass.secrets" . | fromYaml -}}
{{- $_ := set $secrets $name (dict "file" (printf "/run/windlass/secrets/%s" $name) "roles" $entry.roles) -}}
{{- end -}}
{{- $_ := set $config "secrets" $secrets -}}
{{ toYaml $config }}
{{- end }}

{{/* The pod of one part; give (dict "root" $ "part" "qa" "settings" … "command" (list …)). */}}
{{- define "windlass.pod" -}}
{{- $root := .root -}}
{{- $part := .part -}}
{{- $tls := $root.Values.temporal.tls -}}
metadata:
  labels:
    {{- include "windlass.labels" . | nindent 4 }}
  annotations:
    # A changed configuration is taken by new pods.
    checksum/config: {{ include "windlass.config" $root | sha256sum }}
    {{- with .settings.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  serviceAccountName: {{ include "windlass.name" $root }}-{{ $part }}
  automountServiceAccountToken: {{ .settings.kubernetesApi | default false }}
  {{- with $root.Values.imagePullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  # Its grace for what runs, and the time to hand the rest back.
  terminationGracePeriodSeconds: 60
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: { type: RuntimeDefault }
  containers:
    - name: windlass
      image: {{ .settings.image | default (include "windlass.image" $root) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ toJson .command }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      {{- with .settings.extraEnv }}
      env:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- if eq $part "api" }}
      ports:
        - { name: http, containerPort: 8080 }
      startupProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 5
        failureThreshold: 24
      livenessProbe:
        httpGet: { path: /healthz, port: http }
        periodSeconds: 15
        timeoutSeconds: 5
      readinessProbe:
        httpGet: { path: /readyz, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
      {{- else }}
      # Temporal is asked whether this pod's worker polls its queue.
      startupProbe:
        exec: { command: [windlass, health, {{ $part }}] }
        periodSeconds: 10
        timeoutSeconds: 15
        failureThreshold: 18
      livenessProbe:
        exec: { command: [windlass, health, {{ $part }}] }
        periodSeconds: 60
        timeoutSeconds: 20
        # Temporal may be away for a while: a restart would not bring it back.
        failureThreshold: 10
      {{- end }}
      resources:
        {{- toYaml .settings.resources | nindent 8 }}
      volumeMounts:
        - { name: config, mountPath: /etc/windlass, readOnly: true }
        - { name: secrets, mountPath: /run/windlass/secrets, readOnly: true }
        - { name: work, mountPath: /var/lib/windlass/work }
        - { name: tmp, mountPath: /tmp }
        {{- if and $root.Values.store.existingClaim (not $root.Values.store.s3.bucket) (ne $part "workflow") }}
        - { name: store, mountPath: /var/lib/windlass/store }
        {{- end }}
        {{- if and $tls.enabled $tls.caSecret }}
        - { name: temporal-ca, mountPath: /run/windlass/temporal-ca, readOnly: true }
        {{- end }}
        {{- if and $tls.enabled $tls.clientSecret }}
        - { name: temporal-client, mountPath: /run/windlass/temporal-client, readOnly: true }
        {{- end }}
  volumes:
    - name: config
      configMap: { name: {{ include "windlass.name" $root }} }
    # Only what this part may read.
    - name: secrets
      projected:
        defaultMode: 0440
        sources:
          {{- range $name, $entry := include "windlass.secrets" $root | fromYaml }}
          {{- if has $part $entry.roles }}
          - secret:
              name: {{ $entry.secret }}
              items: [{ key: {{ $entry.key | quote }}, path: {{ $name }} }]
          {{- end }}
          {{- end }}
    - name: work
      emptyDir: { sizeLimit: {{ .settings.workSize | default "256Mi" }} }
    - name: tmp
      emptyDir: { sizeLimit: 1Gi }
    {{- if and $root.Values.store.existingClaim (not $root.Values.store.s3.bucket) (ne $part "workflow") }}
    - name: store
      persistentVolumeClaim: { claimName: {{ $root.Values.store.existingClaim }} }
    {{- end }}
    {{- if and $tls.enabled $tls.caSecret }}
    - name: temporal-ca
      secret: { secretName: {{ $tls.caSecret }}, items: [{ key: ca.crt, path: ca.crt }] }
    {{- end }}
    {{- if and $tls.enabled $tls.clientSecret }}
    - name: temporal-client
      secret: { secretName: {{ $tls.clientSecret }}, items: [{ key: tls.crt, path: tls.crt }] }
    {{- end }}
  {{- with .settings.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .settings.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
