"""Runs a command on a terminal of its own. open_terminal.py COLUMNS ROWS COMMAND...

What the command writes goes to standard output as it is. Lines of JSON on standard input act on the terminal: {"type": TEXT}
types, {"resize": [COLUMNS, ROWS]} changes its size, {"hangUp": true} closes it. On standard error are two lines of JSON: the
command's process, and how it ended.
"""
import fcntl, json, os, pty, select, struct, sys, termios


def resize(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))


columns, rows = int(sys.argv[1]), int(sys.argv[2])
pid, terminal = pty.fork()
if pid == 0:
    resize(0, columns, rows)
    os.execvp(sys.argv[3], sys.argv[3:])

sys.stderr.write(json.dumps({'pid': pid}) + '\n')
sys.stderr.flush()

sources = [terminal, 0]
typed = b''
while terminal in sources:
    ready, _, _ = select.select(sources, [], [])
    if terminal in ready:
        try:
            written = os.read(terminal, 65536)
        except OSError:
            written = b''
        if not written:
            sources.remove(terminal)
            continue
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
    if 0 in ready:
        received = os.read(0, 65536)
        if not received:
            sources.remove(0)
        *lines, typed = (typed + received).split(b'\n')
        for line in lines:
            act = json.loads(line)
            if 'type' in act:
                os.write(terminal, act['type'].encode())
            if 'resize' in act:
                resize(terminal, *act['resize'])
            if 'hangUp' in act:
                os.close(terminal)
                sources.remove(terminal)
_, status = os.waitpid(pid, 0)
ended = {'signal': os.WTERMSIG(status)} if os.WIFSIGNALED(status) else {'status': os.WEXITSTATUS(status)}
sys.stderr.write(json.dumps(ended) + '\n')
