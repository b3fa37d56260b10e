{{- define "slides.name" -}}
{{- $name := default .Release.Name .Values.fullnameOverride -}}
{{- if gt (len $name) 40 -}}
{{- fail (printf "The name %s is longer than 40 characters: choose a shorter release name, or set fullnameOverride." $name) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "slides.labels" -}}
app.kubernetes.io/name: wsi-streamer
app.kubernetes.io/instance: {{ include "slides.name" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: wsi-streamer
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Labels of the test's pod: never those of the service's own pods */}}
{{- define "slides.testLabels" -}}
app.kubernetes.io/name: wsi-streamer-test
app.kubernetes.io/instance: {{ include "slides.name" . }}
app.kubernetes.io/component: test
app.kubernetes.io/part-of: wsi-streamer
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{/*
spec.image as JSON. A repository is named only where a value names one or its registry: a guess would be pulled from the internet, and
would run with the hospital's Secrets. How to pull goes for the operator's own image too.
*/}}
{{- define "slides.image" -}}
{{- $image := dict -}}
{{- range $field, $value := default dict .Values.image -}}
{{- if $value }}{{ $_ := set $image $field $value }}{{ end -}}
{{- end -}}
{{- $registry := .Values.global.imageRegistry -}}
{{- if or $image.repository $registry -}}
{{- $repository := default "wsi-streamer" $image.repository -}}
{{- with $registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" .) $repository -}}
{{- end -}}
{{- $_ := set $image "repository" $repository -}}
{{- if not (or $image.tag $image.digest) -}}
{{- $_ := set $image "tag" .Chart.AppVersion -}}
{{- end -}}
{{- else if or $image.tag $image.digest -}}
{{- fail "Say in image.repository where the image with this tag or digest is (registry.example.org/wsi-streamer), or in global.imageRegistry in which registry wsi-streamer is. To keep the operator's own image, leave image.tag and image.digest out." -}}
{{- end -}}
{{- with concat .Values.global.imagePullSecrets (default list $image.pullSecrets) | uniq -}}
{{- $_ := set $image "pullSecrets" . -}}
{{- end -}}
{{- toJson $image -}}
{{- end -}}

{{/* As a container names it */}}
{{- define "slides.imageReference" -}}
{{- $image := include "slides.image" . | fromJson -}}
{{- $image.repository -}}{{- with $image.tag -}}:{{ . }}{{- end -}}{{- with $image.digest -}}@{{ . }}{{- end -}}
{{- end -}}

{{/* Of the test's pod; empty where no value tells an image: the operator knows one, Helm doesn't */}}
{{- define "slides.testImage" -}}
{{- $image := default dict .Values.image -}}
{{- if .Values.test.image -}}
{{- .Values.test.image -}}
{{- else if or $image.repository .Values.global.imageRegistry -}}
{{- include "slides.imageReference" . -}}
{{- end -}}
{{- end -}}

{{/* What must be said, each with a sentence */}}
{{- define "slides.check" -}}
{{- if not (get (default dict .Values.storage) "bucket") -}}
{{- fail "Say in storage.bucket where the slides are: the name of the bucket." -}}
{{- end -}}
{{- if not (dig "urlSecretRef" "name" "" (default dict .Values.database)) -}}
{{- fail "Say in database.urlSecretRef.name which Secret holds the URL of a Postgres (its key uri: postgresql://user:password@host/database)." -}}
{{- end -}}
{{- if not (get (default dict .Values.access) "mode") -}}
{{- fail "Say in access.mode who may see slides: open (whoever reaches the service), signed (who holds a signed link or a grant) or oidc (who signs in with your identity provider). There is no default." -}}
{{- end -}}
{{- end -}}
