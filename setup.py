"""Packages, dependencies and entry points (tool settings: pyproject.toml; reasons: docs/decisions/)."""

from setuptools import find_packages, setup

EDGE = [
    "numpy>=1.26,<2.4",
    "opencv-python-headless>=4.12,<5",
    "flirpy>=0.6.2,<0.7",
    "gpiozero>=2.0.1.post3,<3",
    'lgpio>=0.2.2; platform_machine == "aarch64" and python_version < "3.13"',
    # The same project's wheel of evdev, which has none of its own; on the board Debian's package is taken.
    'evdev-binary>=1.9,<3; platform_machine == "x86_64" and sys_platform == "linux"',
    "requests>=2.32,<3",
    "cryptography>=45",
    "pydantic>=2.10,<3",
    "starlette>=1,<2",
    "uvicorn>=0.40,<1",
    "websockets>=15,<18",
    "tqdm>=4.67,<5",
    "reportlab>=4.2,<5",
    "segno>=1.6,<2",
    "tomlkit>=0.13.3,<1",
]
COUNTY = ["django>=5.2,<5.3", "gunicorn>=23", "openpyxl>=3.1,<4", "reportlab>=4.2,<5", "pyotp>=2.9,<3", "segno>=1.6,<2"]
# For a county that has outgrown SQLite; the wheel brings libpq along.
POSTGRES = ["psycopg[binary]>=3.2,<4"]
DEV = [
    "pytest>=8",
    "pytest-xdist>=3.6",
    "hypothesis>=6",
    "jsonschema>=4",
    "mypy>=1.15",
    "ruff>=0.12",
    "import-linter>=2.3",
    "playwright>=1.50",
    "axe-playwright-python>=0.1.7,<0.2",
    "schemathesis>=4,<5",
    "django-stubs>=5.2",
    "GTC>=1.5,<2",
    "types-jsonschema",
    "types-openpyxl",
    "types-reportlab",
    "types-requests",
    "types-tqdm",
    "setuptools>=77",
    "uv",
]

setup(
    name="foregate",
    version="0.1.0",
    description="A fever-screening gate: open, honest about what it measured",
    license="Apache-2.0",
    python_requires=">=3.11",
    packages=find_packages(include=["edge", "edge.*", "county", "county.*", "calibration", "calibration.*"]),
    include_package_data=True,
    install_requires=EDGE,
    extras_require={"county": COUNTY, "postgres": POSTGRES, "dev": DEV},
    entry_points={
        "console_scripts": [
            "foregate = edge.app.cli:main",
            "foregate-county = county.manage:main",
        ]
    },
)
