"""Times, memory and pictures of one command."""

import os
import statistics
import subprocess
import threading
import time

SPIN = 12_000_000
TWO_CPUS = 1.9  # what two spins at once must have for a pair to count


def spin_once():
    pid = os.fork()
    if pid == 0:
        n = 0
        while n < SPIN // 4:
            n += 1
        os._exit(0)
    return pid


def two_cpus():
    """How many CPUs' worth two spinning processes get at this moment."""
    begun = time.monotonic()
    os.waitpid(spin_once(), 0)
    one = time.monotonic() - begun
    begun = time.monotonic()
    for pid in [spin_once(), spin_once()]:
        os.waitpid(pid, 0)
    return 2 * one / (time.monotonic() - begun)


class Run:
    def __init__(self, wall, cpu, code, faults):
        self.wall, self.cpu, self.code, self.faults = wall, cpu, code, faults


def run(words, environment):
    """The whole command, with all processes that it waits for."""
    begun = time.monotonic()
    child = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(time.monotonic() - begun, used.ru_utime + used.ru_stime,
               child.returncode, used.ru_minflt)


# ---- memory ------------------------------------------------------------------

def session_pids(session):
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            if os.getsid(int(name)) == session:
                yield name
        except OSError:
            pass


def pss_kb(pid):
    try:
        with open(f"/proc/{pid}/smaps_rollup") as text:
            for line in text:
                if line.startswith("Pss:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def peak_kb(shell, environment):
    """The highest sum of PSS over all processes of a run of its own."""
    child = subprocess.Popen(["sh", "-c", shell], env=environment,
                             stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, start_new_session=True)
    most = 0
    while child.poll() is None:
        most = max(most, sum(pss_kb(p) for p in session_pids(child.pid)))
        time.sleep(0.01)
    return most


# ---- pictures ----------------------------------------------------------------

def psnr(tool, task, sources, folders):
    """For each folder (mean, worst) in dB over the outputs of these sources."""
    lines = []
    for source in sources:
        stem = os.path.splitext(os.path.basename(source))[0] + task.ending()
        lines.append("\t".join([source] +
                               [os.path.join(f, stem) for f in folders]))
    halves = [[], []]

    def judge(k):
        part = "\n".join(lines[k::2]) + "\n"
        words = [tool] + (["-b", str(task.blur)] if task.blur else [])
        made = subprocess.run(words, input=part, text=True, check=True,
                              stdout=subprocess.PIPE).stdout
        halves[k] = [line.split("\t") for line in made.splitlines()]

    threads = [threading.Thread(target=judge, args=(k,)) for k in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = halves[0] + halves[1]
    result = []
    for column in range(len(folders)):
        values = [float(r[column]) for r in rows if r[column] != "-"]
        result.append((statistics.mean(values), min(values), len(values))
                      if values else (0, 0, 0))
    return result


def folder_bytes(folder):
    return {name: os.path.getsize(os.path.join(folder, name))
            for name in os.listdir(folder)}
