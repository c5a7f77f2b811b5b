#!/usr/bin/env bash
# Builds the book as a site that can be hosted.
#
#     book/host.sh FOLDER REPOSITORY [PATH]
#
# FOLDER      where the site is written
# REPOSITORY  the address of this repository's files on the web: https://github.com/OWNER/NAME/blob/COMMIT
# PATH        the path of the site at its host, for the page that is shown at a wrong address: /NAME/
#
# A chapter links to a file of the repository as `../../crates/…`. That works in the repository and in `target/book`. A host
# has only the site, so there these links become addresses.
set -euo pipefail
folder=$1 repository=${2%/} path=${3:-/}

mkdir -p "$folder"
MDBOOK_OUTPUT__HTML__SITE_URL=$path mdbook build "$(dirname "$0")" --dest-dir "$(realpath "$folder")"
# Only links to files of the repository leave the site's folder, so only they have more than one `../`. mdbook makes each
# link to a Markdown file a link to a page, which these are not.
find "$folder" -name '*.html' -exec sed -i.bak -E \
    -e 's|(href="(\.\./){2,}[^"#]*)\.html|\1.md|g' -e "s|href=\"(\.\./){2,}|href=\"$repository/|g" {} +
find "$folder" -name '*.html.bak' -delete
