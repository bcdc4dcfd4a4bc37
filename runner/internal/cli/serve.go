package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"flowtest/mockserver"
	"flowtest/recordings"
)

// defaultListen is where serve listens where it is not told.
const defaultListen = "127.0.0.1:8910"

type serveFlags struct {
	config, target, listen string
	tls, watch, inspect    bool
	writeCA                string
	fault                  faultFlags
}

func (p *Process) serveCommand() *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve [DIR]",
		Short: "Replay recordings as a server that any client of the protocol can talk to",
		Long: `Serve answers the requests of a DaVinci flow from recordings: those in DIR, else
those that flowtest.yaml names, else the shipped ones. It listens on the loopback
interface unless it is told otherwise, and reaches no network itself.`,
		Example: `  flowtest serve
  flowtest serve recordings --listen 127.0.0.1:9000 --tls --watch`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := ""
			if len(args) == 1 {
				dir = args[0]
			}
			return p.serve(c.Context(), &f, dir)
		},
	}
	c.Flags().StringVar(&f.config, "config", "", "the configuration file (default flowtest.yaml, where there is one)")
	c.Flags().StringVar(&f.target, "target", "", "the replay target whose users sign on")
	c.Flags().StringVar(&f.listen, "listen", defaultListen, "the address to listen on")
	c.Flags().BoolVar(&f.tls, "tls", false, "serve over TLS, with a certificate of a CA that is made at start")
	c.Flags().StringVar(&f.writeCA, "write-ca", "",
		"with --tls: the `FILE` for that CA's certificate, to be named below ca in a flowtest.yaml, and kept")
	c.Flags().BoolVar(&f.watch, "watch", false, "take over changed recordings; sign-ons under way go on as they began")
	c.Flags().BoolVar(&f.inspect, "inspect", false, "show at "+inspectAt+" what was asked and what was reached")
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
		return faults, usage(errors.New("serve: --seed is that of --fault, and there is none"), "")
	case f.writeCA != "" && !f.tls:
		return faults, usage(errors.New("serve: --write-ca is that of --tls, and there is none"), "")
	}
	return faults, nil
}

func (p *Process) serve(ctx context.Context, f *serveFlags, dir string) error {
	faults, err := f.read()
	if err != nil {
		return err
	}
	replay, err := p.replayServer(f, dir)
	if err != nil {
		return err
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", f.listen)
	if portInUse(err) {
		return usage(fmt.Errorf("serve: %s is in use by another program", f.listen),
			"choose another port with --listen 127.0.0.1:PORT; port 0 takes any that is free")
	}
	if err != nil {
		return usage(fmt.Errorf("serve: %w", err), "--listen takes HOST:PORT, as in "+defaultListen)
	}
	if f.inspect {
		if err := private(l); err != nil {
			return err
		}
	}
	scheme, ca := "http", ""
	if f.tls {
		scheme = "https"
		var remove func()
		if l, ca, remove, err = p.secureTo(l, f.writeCA); err != nil {
			return err
		}
		defer remove()
	}
	if f.watch {
		stop, err := replay.watch(ctx)
		if err != nil {
			return usage(errors.Join(err, l.Close()), "")
		}
		defer stop()
	}
	if err := p.announceFaults(&faults); err != nil {
		return usage(errors.Join(err, l.Close()), "")
	}
	base, handler := scheme+"://"+l.Addr().String(), faults.Wrap(replay)
	if f.inspect {
		if handler, err = p.inspected(base, replay.Server, handler); err != nil {
			return usage(errors.Join(err, l.Close()), "")
		}
	}
	if err := p.announce(base, ca, replay, f.watch); err != nil {
		return usage(errors.Join(err, l.Close()), "")
	}
	return p.serveUntil(ctx, l, handler)
}

// announceFaults says which faults there are, and by which seed they come again.
func (p *Process) announceFaults(faults *mockserver.Faults) error {
	if faults.None() {
		return nil
	}
	if faults.Seed == 0 {
		faults.Seed = mockserver.NewSeed()
	}
	faults.Note = func(flow string, hop int, fault string) {
		p.say(fmt.Sprintf("fault %s at hop %d of %s", fault, hop, flow))
	}
	_, err := fmt.Fprintf(p.Stdout, "faults %s (seed %d)\n", faults, faults.Seed)
	return err
}

// portInUse reports whether another program listens there.
func portInUse(err error) bool {
	const onWindows = syscall.Errno(10048) // WSAEADDRINUSE
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, onWindows)
}

// A replayed is what serve answers from.
type replayed struct {
	*mockserver.Server

	p     *Process
	flows []*recordings.Flow
	load  func() ([]*recordings.Flow, error)
	dir   string // the folder on disk, "" for what is shipped
	users string // who can sign on
}

// replayServer makes the handler.
func (p *Process) replayServer(f *serveFlags, dir string) (*replayed, error) {
	w, err := p.open(f.config)
	if err != nil {
		return nil, err
	}
	r := &replayed{p: p, load: func() ([]*recordings.Flow, error) { return w.recordings(dir) }, dir: w.folder(dir)}
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
	r.users = whoSignsOn(users, w.called())
	r.Server, err = mockserver.New(mockserver.Config{
		Flows: r.flows, Users: users, Log: p.talkLog(),
		Inspect: f.inspect,
	})
	if err != nil {
		return nil, usage(err, "")
	}
	return r, nil
}

// announce says where everything is and how to try it.
func (p *Process) announce(base, ca string, r *replayed, watched bool) error {
	root, s, flows := base+"/"+mockserver.DefaultEnvironment+"/as", r.Server, r.flows
	_, err := fmt.Fprintf(p.Stdout,
		"replaying %s, stop with Ctrl-C\n  recordings     %s\n  users          %s\n"+
			"  discovery      %s/.well-known/openid-configuration\n",
		counted(len(flows), "flow"), r.from(watched), r.users, root)
	for _, f := range flows {
		policy, _ := s.Policy(f.Name)
		if err == nil {
			_, err = fmt.Fprintf(p.Stdout, "  %-14s %s/authorize?response_mode=pi.flow&response_type=code&scope=openid"+
				"&client_id=any&acr_values=%s  (%s)\n", f.Name, root, policy, f.Source)
		}
	}
	if err == nil {
		policy, _ := s.Policy(flows[0].Name)
		_, err = fmt.Fprintf(p.Stdout, "try it:\n  curl %s-H 'X-Requested-With: ping-sdk' '%s/authorize"+
			"?response_mode=pi.flow&response_type=code&scope=openid&client_id=any&acr_values=%s'\n",
			trusting(ca), root, policy)
	}
	return err
}

// trusting returns what lets curl trust a CA.
func trusting(ca string) string {
	if ca == "" {
		return ""
	}
	if strings.ContainsAny(ca, " '\"\\$`&;()") {
		ca = "'" + strings.ReplaceAll(ca, "'", `'\''`) + "'"
	}
	return "--cacert " + ca + " "
}

// serveUntil answers until ctx ends, and then lets the open requests finish.
func (p *Process) serveUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	const drain = 10 * time.Second
	p.stop.finishing("requests that are open have " + drain.String())
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		WriteTimeout:   time.Minute, // longer than any latency that a fault adds
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       p.serverLog(),
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return usage(fmt.Errorf("serve: %w", err), "")
	case <-ctx.Done():
	}
	if !p.stop.said() {
		p.say("stopping")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return usage(fmt.Errorf("serve: requests were still open after %s: %w", drain, err), "")
	}
	return nil
}
