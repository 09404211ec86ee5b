#!/usr/bin/env python3
"""How long a developer waits: publishing and creating by commands, the first query of an application and those after it.

    myceline net up --validators 4 --dir mynet          in one shell, and in another:
    benches/publish-and-query.py target/release/myceline mynet/wallet counter_contract.wasm counter_service.wasm

Each round publishes code that nobody has seen before: a custom section with a number that differs. Commands are timed as
processes, from start to exit; queries as HTTP requests on one connection. The figures are medians, in milliseconds.
"""

import http.client, json, os, pathlib, statistics, subprocess, sys, tempfile, time

ROUNDS = 7
QUERIES = 300


def unlike_any(wasm: pathlib.Path, folder: str) -> str:
    """A copy with a custom section of random bytes."""
    section = bytes([4]) + b"copy" + os.urandom(8)
    copy = pathlib.Path(folder) / wasm.name
    copy.write_bytes(wasm.read_bytes() + bytes([0, len(section)]) + section)
    return str(copy)


def main(program: str, wallet: str, contract: str, service: str) -> None:
    def command(*words: str) -> tuple[dict, float]:
        begun = time.perf_counter()
        done = subprocess.run([program, *words, "--json", "--wallet", wallet], capture_output=True, check=False)
        took = (time.perf_counter() - begun) * 1_000
        if done.returncode:
            sys.exit(f"{words}: {done.stdout.decode()}{done.stderr.decode()}")
        return json.loads(done.stdout), took

    def publish_and_create(folder: str) -> tuple[str, list[float]]:
        files = [unlike_any(pathlib.Path(file), folder) for file in (contract, service)]
        published, publishing = command("module", "publish", *files)
        created, creating = command("app", "create", published["module"], "--argument", "0")
        return created["application"], [publishing, creating, publishing + creating]

    with tempfile.TemporaryDirectory() as folder:
        alone = [publish_and_create(folder)[1] for _ in range(ROUNDS)]
        words = [program, "service", "--port", "0", "--json", "--wallet", wallet]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
            ready = json.loads(running.stdout.readline())
            try:
                served, firsts, later, compiled = [], [], [], []
                host = ready["url"].removeprefix("http://").rstrip("/")
                connection = http.client.HTTPConnection(host)
                chain = command("wallet", "show")[0]["default_chain"]
                for _ in range(ROUNDS):
                    application, times = publish_and_create(folder)
                    served.append(times)
                    query = lambda: ask(connection, f"/chains/{chain}/applications/{application}")
                    firsts.append(query())
                    # What is asked while the machine code is being made is asked of the interpreter.
                    later.append(statistics.median(query() for _ in range(QUERIES)))
                    time.sleep(4)
                    compiled.append(statistics.median(query() for _ in range(QUERIES)))
            finally:
                running.terminate()
    for name, rounds in (("no service runs", alone), ("through the service", served)):
        publishing, creating, both = (statistics.median(column) for column in zip(*rounds))
        print(f"{name}: publish {publishing:.0f}, create {creating:.0f}, both {both:.0f}")
    print(f"first query {statistics.median(firsts):.1f}, the next {QUERIES} {statistics.median(later):.2f}", end="")
    print(f", {QUERIES} of compiled code {statistics.median(compiled):.2f}")


def ask(connection: http.client.HTTPConnection, path: str) -> float:
    begun = time.perf_counter()
    headers = {"content-type": "application/json"}
    connection.request("POST", path, json.dumps({"query": "{ value }"}), headers)
    answer = json.loads(connection.getresponse().read())
    took = (time.perf_counter() - begun) * 1_000
    if answer.get("data") != {"value": 0}:
        sys.exit(f"the application answers {answer}")
    return took


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
