package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"flowtest/mockserver"
	"flowtest/recordings"
	"flowtest/runner/internal/listen"
	"flowtest/runner/internal/tenant/local"
	"flowtest/runner/internal/watch"
	"flowtest/steps/secret"
)

// defaultListen is where serve listens by default.
const defaultListen = "127.0.0.1:8910"

type serveFlags struct {
	config, target, listen, environment, writeCA, challenge string
	tls, watch, inspect                                     bool
	tenant                                                  tenantFlags
	fault                                                   faultFlags
}

func serveCommand(p *Process) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Serve recordings to any client of the protocol",
		Long: `Serve answers the requests of a DaVinci flow from recordings: those in DIR, else
those that flowtest.yaml names, else the shipped ones. It listens on this machine
only, unless --listen says otherwise, and sends no requests itself.`,
		Example: `  flowtest serve
  flowtest serve recordings --listen 127.0.0.1:9000 --tls --watch`,
		Args: takes(0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return f.run(c.Context(), p, strings.Join(args, ""))
		},
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, if it exists)")
	c.Flags().StringVar(&f.target, "target", "", "the replay target whose users sign on")
	c.Flags().StringVar(&f.listen, "listen", defaultListen, "the address to listen on")
	c.Flags().BoolVar(&f.tls, "tls", false,
		"serve over TLS, with a certificate of a CA that flowtest makes at the start")
	c.Flags().StringVar(&f.writeCA, "write-ca", "",
		"with --tls: keep the certificate of that CA in `FILE`, so that ca in flowtest.yaml can name it")
	c.Flags().BoolVar(&f.watch, "watch", false, "load changed recordings; sign-ons in progress keep the old ones")
	c.Flags().BoolVar(&f.inspect, "inspect", false,
		"show at "+inspectAt+" the requests and which parts of the recordings were reached")
	f.tenant.add(c)
	c.Flags().StringVar(&f.environment, "environment-id", mockserver.DefaultEnvironment,
		"the environment id in every address")
	c.Flags().StringVar(&f.challenge, "challenge", "",
		"how challenges end where that `END` was recorded, as in rejected (default the recorded ends in their order)")
	f.fault.add(c)
	return c
}

// read returns the faults, and refuses flags without those that they belong to.
func (f *serveFlags) read() (mockserver.Faults, error) {
	faults, err := f.fault.read()
	switch {
	case err != nil:
		return faults, err
	case faults.None() && faults.Seed != 0:
		return faults, usage(errors.New("serve: --seed needs --fault"), "flowtest serve --fault 500@0.1 --seed 42")
	case f.writeCA != "" && !f.tls:
		return faults, usage(errors.New("serve: --write-ca needs --tls"), "flowtest serve --tls --write-ca ca.pem")
	case !f.tenant.on && f.tenant.smtp+f.tenant.sms != "":
		return faults, usage(errors.New("serve: --smtp and --sms need --tenant"),
			"flowtest serve --tenant --smtp 127.0.0.1:1025")
	case !environmentID.MatchString(f.environment):
		return faults, fmt.Errorf("serve: --environment-id is %q, want a UUID, as in %s",
			f.environment, mockserver.DefaultEnvironment)
	}
	if err := (&local.Config{SMTP: f.tenant.smtp, SMS: f.tenant.sms}).Check(); err != nil {
		return faults, fmt.Errorf("serve: %w", err)
	}
	return faults, nil
}

var environmentID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (f *serveFlags) run(ctx context.Context, p *Process, dir string) error {
	faults, err := f.read()
	if err != nil {
		return err
	}
	replay, err := f.replay(p, dir)
	if err != nil {
		return err
	}
	l, err := openPort(ctx, "serve", f.listen, defaultListen)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }() // serving has closed it already, where it came to that
	if at, ok := l.Addr().(*net.TCPAddr); f.inspect && (!ok || !at.IP.IsLoopback()) {
		err := fmt.Errorf("serve: --inspect is only for this machine, and %s can be reached from others", l.Addr())
		return usage(err, "listen on a loopback address, as without --listen: "+defaultListen)
	}
	scheme, ca := "http", ""
	if f.tls {
		scheme = "https"
		var remove func()
		if l, ca, remove, err = p.secure(l, f.writeCA); err != nil {
			return err
		}
		defer remove()
	}
	if f.watch {
		stop, err := replay.watch(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	var said strings.Builder // where everything is, and how to try it
	if !faults.None() {
		faults.Seed = cmp.Or(faults.Seed, mockserver.NewSeed())
		faults.Note = func(flow string, hop int, fault string) {
			p.say(fmt.Sprintf("fault %s at hop %d of %s", fault, hop, flow))
		}
		fmt.Fprintf(&said, "faults %s (seed %d)\n", faults, faults.Seed)
	}
	base, handler := scheme+"://"+l.Addr().String(), faults.Wrap(replay)
	if f.tenant.on {
		handler = replay.withTenant(&said, handler, base, &f.tenant)
	}
	if f.inspect {
		handler = inspected(replay.Server, handler)
		fmt.Fprintf(&said, "the requests are shown at %s\n", base+inspectAt)
	}
	return p.serveUntil(ctx, l, handler, func(out *bufio.Writer) {
		_, _ = out.WriteString(said.String())
		replay.announce(out, base, ca, f.watch)
	})
}

// A replayed is what serve answers from.
type replayed struct {
	*mockserver.Server

	p     *Process
	flows []*recordings.Flow
	load  func() ([]*recordings.Flow, error)
	dir   string // the folder on disk, "" for what is shipped
	users *signers
	known *secret.Redactor // the secrets of the users, for what is logged or shown
	env   string           // the environment id

	tenant local.Tenant // beside it; without --tenant it does nothing
}

// replay makes the handler.
func (f *serveFlags) replay(p *Process, dir string) (*replayed, error) {
	w, err := p.open(f.config)
	if err != nil {
		return nil, err
	}
	load := func() ([]*recordings.Flow, error) { return w.recordings(dir) }
	r := &replayed{p: p, load: load, dir: w.folder(dir), env: f.environment, known: &secret.Redactor{}}
	if f.watch {
		if err := r.watchable(); err != nil {
			return nil, err
		}
	}
	if r.flows, err = r.load(); err != nil {
		return nil, err
	}
	t, err := w.replayTarget(f.target)
	if err != nil {
		return nil, err
	}
	users := t.Attributes()
	r.users = &signers{users, w.called()}
	for _, user := range t.Users {
		r.known.Add(user.Secrets()...)
	}
	var observe func(mockserver.Step)
	if f.tenant.on {
		observe = r.tenant.Observe
	}
	r.Server, err = mockserver.New(mockserver.Config{
		Flows: r.flows, Users: users, Environment: f.environment, Observe: observe, Challenge: f.challenge,
		Inspect: f.inspect, Hide: r.known.Redact, Log: listen.Log(func(line string) { p.say(r.known.Redact(line)) }),
	})
	return r, err
}

// secure puts TLS over a listener, and says where the CA's certificate is: in the
// file that is named, or in a temporary one, which remove deletes.
func (p *Process) secure(l net.Listener, named string) (over net.Listener, at string, remove func(), err error) {
	until, secure := " until it ends", func(file string) func() {
		over, at, remove, err = listen.Secure(l, file, p.say)
		return remove
	}
	if named != "" {
		until = ""
		written, err := p.stop.Commit()
		if err != nil {
			return l, "", nil, err
		}
		secure(p.path(named))
		written()
	} else if err := p.stop.Temporary(func() func() { return secure("") }); err != nil {
		return l, "", nil, err
	}
	if err == nil {
		at = cmp.Or(named, at)
		_, err = fmt.Fprintf(p.Stdout, "the CA's certificate is in %s%s\n", at, until)
	}
	if err != nil {
		return l, "", nil, fmt.Errorf("serve: %w", err)
	}
	return over, at, remove, nil
}

// serveUntil says that it serves and answers until ctx ends, and then lets the open
// requests finish. Who has read what it said can end it as it is meant to.
func (p *Process) serveUntil(ctx context.Context, l net.Listener, h http.Handler, say func(*bufio.Writer)) error {
	if err := p.stop.Finishing("requests that are open have " + listen.Drain.String()); err != nil {
		return err
	}
	out := bufio.NewWriter(p.Stdout) // it keeps the first error
	say(out)
	if err := out.Flush(); err != nil {
		return err
	}
	err := listen.Serve(ctx, l, h, p.say, func() {
		if !p.stop.Known() {
			p.say("stopping")
		}
	})
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// inspectAt is where serve shows what it was asked.
const inspectAt = "/flowtest/inspect/"

// inspected puts the inspection in front of h. Nothing applies to a request for it, no
// fault either.
func inspected(s *mockserver.Server, h http.Handler) http.Handler {
	inspection := http.StripPrefix(strings.TrimSuffix(inspectAt, "/"), s.Inspect())
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, inspectAt):
			inspection.ServeHTTP(w, r)
		case r.URL.Path+"/" == inspectAt:
			http.Redirect(w, r, inspectAt, http.StatusPermanentRedirect)
		default:
			h.ServeHTTP(w, r)
		}
	})
}

// watch replaces recordings that change on disk. If they cannot be loaded, it says so, and the
// old ones stay.
func (r *replayed) watch(ctx context.Context) (stop func(), err error) {
	dir := absolute(r.dir)
	files, err := watch.New(func(string, bool) bool { return true }, func(string) bool { return false })
	if err == nil {
		if err = files.Watch(nil, []string{dir}); err != nil {
			files.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("serve: watch: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for flows := r.flows; ctx.Err() == nil; {
			changed, err := files.Next(ctx)
			if len(changed) > 0 {
				flows = r.reload(flows)
				err = files.Watch(nil, []string{dir}) // there may be a new one
			}
			if err != nil {
				r.p.say("error: watch: " + err.Error())
			}
		}
	}()
	return func() {
		cancel()
		<-done
		files.Close()
	}, nil
}

// from says where the recordings are from, and what becomes of changes in them.
func (r *replayed) from(watched bool) string {
	switch {
	case r.dir == "":
		return "the shipped ones, part of the program; flowtest serve DIR replays those of a folder"
	case watched:
		return r.dir + ", watched: changes are loaded when they are saved"
	default:
		return r.dir + ", as they are now; --watch loads changes"
	}
}

// watchable refuses to watch what is part of the program, and says how to serve
// recordings that can be changed: those of a folder that lies here, if any.
func (r *replayed) watchable() error {
	if r.dir != "" {
		return nil
	}
	const usual = "recordings"
	hint := "flowtest serve DIR --watch replays and watches the recordings in DIR; " +
		"flowtest init writes some to start from"
	if flows, err := recordings.LoadAll(os.DirFS(r.p.path(usual)), "."); err == nil && len(flows) > 0 {
		hint = "flowtest serve " + usual + " --watch replays and watches those in ./" + usual
	}
	return usage(errors.New("serve: --watch has nothing to watch: without a flowtest.yaml or DIR "+
		"it replays the shipped recordings, which are part of the program"), hint)
}

// reload takes over the recordings as they are now, and returns those that are
// replayed from then on.
func (r *replayed) reload(before []*recordings.Flow) []*recordings.Flow {
	flows, err := r.load()
	if err == nil {
		err = r.Replace(flows)
	}
	if err != nil {
		said, _, _ := ending(err)
		for _, line := range append(said, "hint: the earlier recordings stay in use until this is fixed") {
			r.p.say(line)
		}
		return before
	}
	r.p.say(tookOver(before, flows))
	return flows
}

// tookOver says which recordings are others than before.
func tookOver(before, now []*recordings.Flow) string {
	was := map[string]*recordings.Flow{}
	for _, f := range before {
		was[f.Name] = f
	}
	var changed []string
	for _, f := range now {
		if old := was[f.Name]; old == nil || !same(old, f) {
			changed = append(changed, f.Name)
		}
		delete(was, f.Name)
	}
	var did []string
	if len(changed) > 0 {
		did = append(did, "loaded the changes in "+strings.Join(changed, ", "))
	}
	if len(was) > 0 {
		did = append(did, "removed the recordings of "+strings.Join(slices.Sorted(maps.Keys(was)), ", "))
	}
	return cmp.Or(strings.Join(did, ", and "), "the recordings were read again, and are unchanged")
}

// same reports whether two recordings say the same.
func same(a, b *recordings.Flow) bool {
	x, errX := a.Files()
	y, errY := b.Files()
	return errX == nil && errY == nil && maps.EqualFunc(x, y, bytes.Equal)
}
