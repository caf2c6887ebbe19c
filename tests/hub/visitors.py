"""People who ask a course's service without a browser."""

from __future__ import annotations

import re
from typing import Any

import requests

from autograder.hub.demo import Demo


class Visitor:
    """Somebody's browser, or somebody's program with a token of theirs."""

    def __init__(self, hub: Demo, name: str, course: str = "cnn") -> None:
        self.name, self._base = name, f"{hub.url}/services/{course}"
        self.session = requests.Session()

    def asks(self, path: str, method: str = "GET", **more: Any) -> requests.Response:
        answer = self.session.request(method, self._base + path, allow_redirects=False, timeout=60, **more)
        for cookie in [one for one in self.session.cookies if "oauth-state" in one.name]:
            self.session.cookies.clear(cookie.domain, cookie.path, cookie.name)  # of logins that we do not go on with
        return answer


class WithCookie(Visitor):
    def __init__(self, hub: Demo, name: str, course: str = "cnn") -> None:
        super().__init__(hub, name, course)
        page = self.session.get(f"{hub.url}/hub/login", timeout=30).text
        found = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert found
        form = {"_xsrf": found[1], "username": name, "password": hub.passwords[name]}
        self.session.post(f"{hub.url}/hub/login?next=/hub/home", data=form, timeout=30)
        # Through the hub's own login, which lets nobody on who has no role in the course.
        self.session.get(f"{self._base}/course.css", timeout=30)
        self.xsrf = ""
        for cookie in self.session.cookies:
            if cookie.name == "_xsrf" and cookie.path == f"/services/{course}/":
                self.xsrf = cookie.value or ""

    def asks(self, path: str, method: str = "GET", *, xsrf: bool = True, **more: Any) -> requests.Response:
        return super().asks(path, method, headers={"X-XSRFToken": self.xsrf} if xsrf else {}, **more)


class WithToken(Visitor):
    def __init__(self, hub: Demo, name: str, course: str = "cnn") -> None:
        super().__init__(hub, name, course)
        login = WithCookie(hub, name, course).session
        xsrf = next(cookie.value for cookie in login.cookies if cookie.name == "_xsrf" and cookie.path == "/hub/")
        made = login.post(
            f"{hub.url}/hub/api/users/{name}/tokens",
            json={"note": "test"}, headers={"X-XSRFToken": xsrf or ""}, timeout=30,
        )  # fmt: skip
        assert made.ok, made.text
        self.session.headers["Authorization"] = f"token {made.json()['token']}"
