//go:build linux

package systemtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tracer runs a program and notes every system call with which it starts a
// process, opens a socket or opens a kubeconfig. It uses ptrace on a child of our own, which needs
// neither root nor another program.
type tracer struct {
	process *os.Process

	mu    sync.Mutex
	noted []string
	calls int
}

// trace starts a program. ended gives its exit code, or what went wrong.
func trace(path string, args []string, env []string, files []*os.File) (*tracer, <-chan error, error) {
	t := &tracer{}
	ended, started := make(chan error, 1), make(chan error, 1)
	go func() {
		// All requests of ptrace must come from the thread that started the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p, err := os.StartProcess(path, args, &os.ProcAttr{Files: files, Env: env, Sys: &syscall.SysProcAttr{Ptrace: true}})
		if err != nil {
			started <- err
			return
		}
		t.process = p
		if err := t.begin(p.Pid); err != nil {
			p.Kill()
			started <- fmt.Errorf("ptrace of an own child is not allowed here: %w", err)
			return
		}
		started <- nil
		ended <- t.follow(p.Pid)
	}()
	if err := <-started; err != nil {
		return nil, nil, err
	}
	return t, ended, nil
}

// begin takes over the child, which stands behind its exec.
func (t *tracer) begin(pid int) error {
	var status unix.WaitStatus
	if _, err := unix.Wait4(pid, &status, unix.WALL, nil); err != nil {
		return err
	}
	options := unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACEEXEC |
		unix.PTRACE_O_TRACECLONE | unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK
	if err := unix.PtraceSetOptions(pid, options); err != nil {
		return err
	}
	return unix.PtraceSyscall(pid, 0)
}

// follow resumes every thread from one system call to the next until the
// program has ended.
func (t *tracer) follow(main int) error {
	entering := map[int]bool{}
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WALL|unix.WNOTHREAD, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		signal := 0
		switch {
		case status.Exited() || status.Signaled():
			if pid != main {
				continue
			}
			if status.ExitStatus() != 0 {
				return fmt.Errorf("exit %d, signal %v", status.ExitStatus(), status.Signal())
			}
			return nil
		case status.StopSignal() == unix.SIGTRAP|0x80: // entry or exit of a system call
			if entering[pid] = !entering[pid]; entering[pid] {
				t.entry(pid)
			}
		case status.StopSignal() == unix.SIGTRAP && status.TrapCause() > 0: // an event: already noted as a call
		case status.StopSignal() == unix.SIGSTOP: // a new thread
		default:
			signal = int(status.StopSignal())
		}
		// A thread may be gone by now.
		if err := unix.PtraceSyscall(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
			return fmt.Errorf("resume: %w", err)
		}
	}
}

// syscallInfo is struct ptrace_syscall_info of Linux at the entry of a call.
type syscallInfo struct {
	Op      uint8
	_       [3]uint8
	Arch    uint32
	IP, SP  uint64
	Number  uint64
	Args    [6]uint64
	RetData uint32
	_       uint32
}

const ptraceGetSyscallInfo = 0x420e

func (t *tracer) entry(pid int) {
	var info syscallInfo
	_, _, errno := unix.RawSyscall6(unix.SYS_PTRACE, ptraceGetSyscallInfo, uintptr(pid),
		unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)), 0, 0)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls++
	if errno == unix.ESRCH {
		return // the process exits: a thread killed at the entry of a call does not make it
	}
	if errno != 0 {
		t.noted = append(t.noted, fmt.Sprintf("unreadable call: %v", errno))
		return
	}
	switch info.Number {
	case unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4:
		t.noted = append(t.noted, fmt.Sprintf("socket: call %d", info.Number))
	case unix.SYS_EXECVE, unix.SYS_EXECVEAT:
		t.noted = append(t.noted, "exec")
	case unix.SYS_OPENAT:
		if path := textAt(pid, uintptr(info.Args[1])); strings.Contains(path, "kubeconfig") || strings.Contains(path, "/.kube/") {
			t.noted = append(t.noted, "open of "+path)
		}
	case unix.SYS_CLONE:
		t.clone(info.Args[0])
	case unix.SYS_CLONE3: // the flags are the first word of a structure
		var word [8]byte
		if _, err := unix.PtracePeekData(pid, uintptr(info.Args[0]), word[:]); err == unix.ESRCH {
			return
		} else if err != nil {
			t.noted = append(t.noted, fmt.Sprintf("clone3 with unreadable flags: %v", err))
			return
		}
		t.clone(binary.NativeEndian.Uint64(word[:]))
	default:
		if slices.Contains(forks, info.Number) {
			t.noted = append(t.noted, "fork")
		}
	}
}

// textAt is a text in the memory of the traced program, as far as it is readable.
func textAt(pid int, at uintptr) string {
	var text []byte
	var word [16]byte
	for len(text) < unix.PathMax {
		n, err := unix.PtracePeekData(pid, at+uintptr(len(text)), word[:])
		if end := bytes.IndexByte(word[:n], 0); end >= 0 || err != nil || n == 0 {
			return string(append(text, word[:max(end, 0)]...))
		}
		text = append(text, word[:n]...)
	}
	return string(text)
}

// clone makes a thread or a process.
func (t *tracer) clone(flags uint64) {
	if flags&unix.CLONE_THREAD == 0 {
		t.noted = append(t.noted, fmt.Sprintf("clone of a process, flags %#x", flags))
	}
}

// found are the notes so far, and the number of system calls seen.
func (t *tracer) found() ([]string, int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.noted), t.calls
}
