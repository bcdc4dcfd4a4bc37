package cli

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"flowtest/runner"
	"flowtest/runner/internal/har"
	"flowtest/runner/internal/proxy"
	"flowtest/runner/target"
	"flowtest/steps/davinci"
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
	seen    []davinci.Exchange
	pushed  []davinci.Exchange // those that push parameters
	unnamed map[string]bool    // policies of which nobody knows whose they are
	stopped error              // why the proxy did not end as it should
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
		if l, _, remove, err = s.p.secure(l, ""); err != nil {
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
	host, _, err := net.SplitHostPort(at)
	if err != nil {
		return nil, nil, usage(fmt.Errorf("record: --listen %q is no address: %w", at, err),
			"--listen takes HOST:PORT, as in "+defaultProxy)
	}
	l, err := openPort(ctx, "record", at, defaultProxy)
	if err != nil {
		return nil, nil, err
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
func (s *session) take(x davinci.Exchange) {
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
) (map[string][]davinci.Exchanges, error) {
	for _, i := range g.Ignored {
		p.say(fmt.Sprintf("left out: %s to %s (%s)", counted(i.Count, "request"), i.Host, i.Kind))
	}
	for _, problem := range g.Problems {
		p.say("not used: " + problem.String())
	}
	if len(g.Takes) == 0 {
		return nil, &exitError{ExitNothing, errors.New("no journey of a flow was seen"), ""}
	}
	takes, foreign := map[string][]davinci.Exchanges{}, ""
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

// save writes recordings of what went through. Where something is refused, and a
// person is there who can mend it, the session is kept until it is mended: to sign
// on in all those ways again may take an hour.
func (s *session) save(f *recordFlags) error {
	config := s.p.path(f.config)
	if f.config == "" {
		config = s.p.above(configName)
	}
	for {
		was := contentOf(config)
		err := s.saveOnce()
		if e, ok := errors.AsType[*exitError](err); !ok || e.code != ExitUsage || !s.p.Terminal {
			return err
		}
		s.p.tell(err)
		s.p.say("what went through is still in memory, and is saved once more as soon as " + config +
			" has changed; Ctrl-C gives up what was not saved")
		for reloaded := false; !reloaded; {
			was = nextContent(config, was)
			if err := s.reload(f); err != nil {
				s.p.tell(err)
				continue
			}
			reloaded = true
		}
	}
}

// nextContent waits until a file has another content than it had, and returns that.
// A second signal ends the process while it waits.
func nextContent(name string, was []byte) []byte {
	const often = 250 * time.Millisecond
	look := time.NewTicker(often)
	defer look.Stop()
	for {
		<-look.C
		if is := contentOf(name); !bytes.Equal(is, was) {
			return is
		}
	}
}

// contentOf returns what is in a file; one that is being written anew has nothing.
func contentOf(name string) []byte {
	text, err := os.ReadFile(name) //nolint:gosec // the user names it
	if err != nil {
		return nil
	}
	return text
}

// reload reads anew who the users are, which flows there are, and what is no secret.
func (s *session) reload(f *recordFlags) error {
	w, err := s.p.open(f.config)
	if err != nil {
		return err
	}
	t, err := w.liveTarget(f.target, "record --proxy")
	if err != nil {
		return err
	}
	s.recorder.Target, s.recorder.Scrub = t, w.file.Scrub
	return nil
}

// saveOnce writes recordings of all that can be saved.
func (s *session) saveOnce() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.through.NotPassedOn(); n > 0 {
		s.p.say(counted(n, "request") + " of the app could not be passed on")
	}
	takes, err := s.p.named(s.recorder, har.Group(s.seen), s.flow, nil)
	if e, ok := errors.AsType[*exitError](err); ok && e.code == ExitNothing {
		e.hint = "the app has to send its requests to " + s.at + ", with response_mode=pi.flow"
	}
	if len(takes) > 0 { // what has a name is saved, whatever becomes of the others
		if failed := s.p.saveAll(s.recorder, takes, saving{}); err == nil {
			err = failed
		} else if failed != nil {
			s.p.say("error: " + failed.Error())
		}
	}
	if err == nil {
		return s.stopped
	}
	if s.stopped != nil {
		s.p.say("error: " + s.stopped.Error())
	}
	return err
}
