package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/proxy"
	"flowtest/runner/target"
)

// defaultProxy is where record --proxy listens where it is not told.
const defaultProxy = "127.0.0.1:8920"

// recordProxy stands between an app and the live environment until ctx ends,
// and writes recordings of what went through.
func (p *Process) recordProxy(ctx context.Context, f *recordFlags, args []string) (err error) {
	if len(args) > 0 || f.tags != "" || f.name != "" {
		return usage(errors.New("record --proxy records what an app sends: it takes no features, --tags or --name"), "")
	}
	w, err := p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.target, "record --proxy")
	if err != nil {
		return err
	}
	r, err := p.recorder(w, t, f.out, f.fresh)
	if err != nil {
		return err
	}
	flows := slices.Sorted(maps.Keys(t.Live.Flows))
	if f.flow != "" {
		flows = []string{f.flow}
	}
	// Whoever finds out at the end that somebody else records the same has
	// signed on for nothing.
	if err := r.Open(flows); err != nil {
		return usage(err, "")
	}
	defer func() { err = errors.Join(err, r.Close()) }()

	r.Keep = true // what an app did by hand is not to be had a second time
	s := &session{p: p, recorder: r, flow: f.flow, unnamed: map[string]bool{}}
	if err := s.serve(ctx, f, t.Live); err != nil {
		return err
	}
	return s.save(f)
}

// A session is what an app does through the proxy.
type session struct {
	p        *Process
	recorder *runner.Recorder
	flow     string // what --flow says
	through  *proxy.Proxy
	at       string // the proxy's address

	mu      sync.Mutex
	seen    []recordings.Exchange
	pushed  []recordings.Exchange // those that push parameters
	unnamed map[string]bool       // policies of which nobody knows whose they are
	stopped error                 // why the proxy did not end as it should
}

// serve passes on what the app sends until ctx ends.
func (s *session) serve(ctx context.Context, f *recordFlags, live *target.Live) error {
	upstream, err := url.Parse(live.Authorize)
	if err != nil {
		return usage(err, "")
	}
	environment := strings.TrimSuffix(upstream.Path, "/as/authorize")
	upstream = &url.URL{Scheme: upstream.Scheme, Host: upstream.Host}
	l, public, err := s.p.listen(ctx, f.listen)
	if err != nil {
		return err
	}
	if f.tls {
		var remove func()
		if l, _, remove, err = s.p.secure(l); err != nil {
			return err
		}
		defer remove()
		public.Scheme = "https"
	}
	s.at = public.String()
	s.through, err = proxy.New(proxy.Config{
		Upstream: upstream, Public: public, Transport: runner.LiveTransport(live, connections),
		Log: slog.New(slog.NewTextHandler(s.p.Stderr, nil)), Take: s.take,
	})
	if err == nil {
		err = s.p.announceProxy(s.at, upstream.String(), environment)
	}
	if err != nil {
		return usage(errors.Join(err, l.Close()), "")
	}
	// What went through is saved, however the serving ended.
	s.stopped = s.p.serveUntil(ctx, l, s.through)
	return nil
}

// connections is how many the proxy keeps open to the live side.
const connections = 16

// listen opens the port and returns the address at which an app reaches it: the
// name that was asked for, since cookies of localhost are none of 127.0.0.1.
func (*Process) listen(ctx context.Context, at string) (net.Listener, *url.URL, error) {
	const hint = "--listen takes HOST:PORT, as in " + defaultProxy
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("record: --listen %q is no address: %w", at, err), hint)
	}
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", at)
	if portInUse(err) {
		return nil, nil, usage(fmt.Errorf("record: %s is in use by another program", at),
			"choose another port with --listen 127.0.0.1:PORT; port 0 takes any that is free")
	}
	if err != nil {
		return nil, nil, usage(fmt.Errorf("record: %w", err), hint)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return nil, nil, usage(errors.Join(err, l.Close()), "")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return l, &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}

// announceProxy says where the app has to go.
func (p *Process) announceProxy(public, upstream, environment string) error {
	root := public + environment + "/as"
	_, err := fmt.Fprintf(p.Stdout, "recording what goes through %s to %s; Ctrl-C saves\n"+
		"  discovery %s/.well-known/openid-configuration\n  authorize %s/authorize\n", public, upstream, root, root)
	return err
}

// take keeps an exchange. A journey that nobody could give a name to is told of
// at once: when all is done it is too late.
func (s *session) take(x recordings.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x.Seen = fmt.Sprintf("request %d", len(s.seen)+1)
	s.seen = append(s.seen, x)
	_, tail := path.Split(x.URL.Path)
	s.p.say(fmt.Sprintf("%d: %s …/%s → %d", len(s.seen), x.Method, tail, x.Status))
	if strings.HasSuffix(x.URL.Path, "/as/par") {
		s.pushed = append(s.pushed, x)
	}
	if s.flow != "" {
		return
	}
	for _, take := range har.Group(append(slices.Clip(s.pushed), x)).Takes {
		policy := har.Policy(take)
		if _, err := s.recorder.FlowOf(policy); err != nil && !s.unnamed[policy] {
			s.unnamed[policy] = true
			s.p.say("warning: " + err.Error())
		}
	}
}

// named puts sign-ons that somebody else drove to the flows that they drive, and
// says what is left out. The flow that the user named has those of which the target
// does not know better, as long as they are of one flow policy: two flows in one
// recording would be none. Where neither tells, known does: names of flows by their
// policies. The error names the others.
func (p *Process) named(r *runner.Recorder, g har.Groups, flow string, known map[string]string,
) (map[string][]recordings.Take, error) {
	for _, i := range g.Ignored {
		p.say(fmt.Sprintf("left out: %s to %s (%s)", counted(i.Count, "request"), i.Host, i.Kind))
	}
	for _, problem := range g.Problems {
		p.say("not used: " + problem.String())
	}
	if len(g.Takes) == 0 {
		return nil, &exitError{ExitNothing, errors.New("no journey of a flow was seen"), ""}
	}
	takes, foreign := map[string][]recordings.Take{}, ""
	var wrong []string
	for _, t := range g.Takes {
		policy := har.Policy(t)
		name, err := r.FlowOf(policy)
		if flow != "" && (err != nil || policy == "") {
			name, err = flow, nil
			if foreign != "" && policy != "" && policy != foreign {
				err = fmt.Errorf("journeys name the flow policies %q and %q, and --flow %s can be one of them alone: "+
					"name both below flows of the target", foreign, policy, flow)
			}
			foreign = cmp.Or(foreign, policy)
		}
		if err != nil && flow == "" && known[policy] != "" {
			name, err = known[policy], nil
		}
		if err != nil {
			wrong = append(wrong, err.Error())
			continue
		}
		takes[name] = append(takes[name], t)
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return takes, usage(errors.New(strings.Join(slices.Compact(wrong), "\n")), "")
	}
	return takes, nil
}
