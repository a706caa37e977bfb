#!/bin/sh
# Resolve all dependencies together, then write what each part needs with hashes and without addresses. UV names uv.
set -eu
$UV lock --quiet
export_to() { # file, then uv's options
  file=requirements/$1
  shift
  $UV export --quiet --frozen --format requirements-txt --no-header --no-annotate --no-emit-workspace "$@" -o "$file" >/dev/null
}
for service in groups events notifications; do
  export_to $service.txt --package $service-service --no-dev
done
export_to infra.txt --package convene --no-dev
export_to dev.txt --all-packages --group dev
