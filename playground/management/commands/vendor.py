"""`manage.py vendor`: makes the files in static/vendor/ again. For maintainers, after a change in package.json there; needs npm."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from playground.dashboard import vendored

_BUNDLES = {
    # name: package, its version names the file, what is copied, or None for the bundle made by esbuild
    "htmx": ("htmx.org", "dist/htmx.min.js", "htmx-{version}.min.js"),
    "hx-ws": ("htmx.org", "dist/ext/hx-ws.min.js", "hx-ws-{version}.min.js"),
    "codemirror": ("@codemirror/view", None, "codemirror-{version}.min.js"),
    "uplot": ("uplot", "dist/uPlot.iife.min.js", "uplot-{version}.min.js"),
    "uplot-css": ("uplot", "dist/uPlot.min.css", "uplot-{version}.min.css"),
    "lucide": ("lucide-static", "icons", "lucide-{version}.svg"),
}


class Command(BaseCommand):
    """Installs the pinned packages in a temporary folder, copies, bundles and cuts out what the pages use, and hashes it."""

    help = "Makes static/vendor/ from its package.json again (maintainers; needs npm)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs npm and esbuild, then writes the files, the licences and VENDOR.json."""
        if shutil.which("npm") is None:
            raise CommandError("npm is needed to make static/vendor/ again; using the pages needs no npm.")
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder)
            for name in ("package.json", "package-lock.json"):
                shutil.copy(vendored.FOLDER / name, work)
            shutil.copytree(vendored.FOLDER / "source", work / "source")
            subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=work, check=True)
            self._write(work)

    def _write(self, work: Path) -> None:
        for old in [
            *(path for kind in ("js", "svg", "css") for path in vendored.FOLDER.glob(f"*.{kind}")),
            *(vendored.FOLDER / "licences").glob("*"),
        ]:
            old.unlink()
        (vendored.FOLDER / "licences").mkdir(exist_ok=True)
        entries = {}
        for name, (package, source, target) in _BUNDLES.items():
            about = json.loads((work / "node_modules" / package / "package.json").read_text())
            path = vendored.FOLDER / target.format(version=about["version"])
            self._make(work, package, source, path)
            entries[name] = {
                "path": path.name,
                "package": package,
                "version": about["version"],
                "licence": about["license"],
                "licence_file": self._licence(work / "node_modules" / package, package),
                "sha256": vendored.sha256(path),
            }
            self.stdout.write(f"{path.name}  {path.stat().st_size} bytes")
        for package in sorted(bundled(work)):
            self._licence(work / "node_modules" / package, package)
        vendored.MANIFEST.write_text(json.dumps({"made_by": "python3 manage.py vendor", "files": entries}, indent=2) + "\n")

    def _make(self, work: Path, package: str, source: str | None, path: Path) -> None:
        if source is None:
            subprocess.run(
                [
                    *("node_modules/.bin/esbuild", "source/codemirror.js", "--bundle", "--minify", "--format=iife"),
                    *("--global-name=CodeMirror", "--target=es2022", "--legal-comments=none", f"--outfile={path}"),
                ],
                cwd=work,
                check=True,
            )
        elif path.suffix == ".svg":
            path.write_text(vendored.make_sprite(work / "node_modules" / package / source))
        else:
            # The source map is not shipped, so its address goes.
            lines = (work / "node_modules" / package / source).read_text().splitlines()
            path.write_text("\n".join(line for line in lines if not line.startswith("//# sourceMappingURL")) + "\n")

    def _licence(self, folder: Path, package: str) -> str:
        found = next((path for path in sorted(folder.glob("LICEN[SC]E*"))), None)
        if found is None:
            raise CommandError(f"{package} has no licence text")
        target = vendored.FOLDER / "licences" / f"{package.replace('/', '-').lstrip('@')}.txt"
        target.write_text(found.read_text())
        return f"licences/{target.name}"


def bundled(work: Path) -> set[str]:
    """The packages inside the CodeMirror bundle."""
    lock = json.loads((work / "package-lock.json").read_text())["packages"]
    names = {path.removeprefix("node_modules/") for path in lock if path.startswith("node_modules/")}
    return {
        name for name in names if name.startswith(("@codemirror/", "@lezer/", "@marijn/")) or name in {"crelt", "style-mod", "w3c-keyname"}
    }
