package recordings

import (
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// The file as YAML has it.
type (
	fileYAML struct {
		Format      *int      `yaml:"format"`
		Source      string    `yaml:"source"`
		Flow        string    `yaml:"flow"`
		Description string    `yaml:"description"`
		Policy      string    `yaml:"policy"`
		Client      string    `yaml:"client"`
		Recorded    *metaYAML `yaml:"recorded"`
		Hops        []hopYAML `yaml:"hops"`
	}
	metaYAML struct {
		Date   string `yaml:"date"`
		Flow   string `yaml:"flow"`
		Region string `yaml:"region"`
		Shape  string `yaml:"shape"`
		Tool   string `yaml:"tool"`
	}
	hopYAML struct {
		Name     string        `yaml:"name"`
		From     names         `yaml:"from"`
		To       string        `yaml:"to"`
		Request  *requestYAML  `yaml:"request"`
		Response *responseYAML `yaml:"response"`
	}
	requestYAML struct {
		Method    string            `yaml:"method"`
		Path      string            `yaml:"path"`
		Query     map[string]string `yaml:"query"`
		EventType string            `yaml:"eventType"`
		Action    string            `yaml:"action"`
		FormData  map[string]any    `yaml:"formData"`

		ContinueToken string `yaml:"continueToken"`
		Platform      string `yaml:"platform"`
		Language      string `yaml:"language"`
		Session       bool   `yaml:"session"`
	}
	responseYAML struct {
		Status   int               `yaml:"status"`
		JSON     string            `yaml:"json"`
		Detailed string            `yaml:"detailed"`
		HTML     string            `yaml:"html"`
		Headers  map[string]string `yaml:"headers"`
		Cookies  []string          `yaml:"cookies"`
	}
)

// names is one name or a list of them.
type names []string

// UnmarshalYAML implements [yaml.InterfaceUnmarshaler].
func (n *names) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		*n = names{one}
		return nil
	}
	var many []string
	if err := decode(&many); err != nil {
		return err
	}
	*n = many
	return nil
}

// The methods named read take what a file usually has from its tree, and return false at
// anything else, such as an unknown key: the decoder of the library says what is wrong
// with it. It reads the same, and costs several times as much.

func (f *fileYAML) read(n ast.Node) bool {
	return mapping(n, func(key string, v ast.Node) bool {
		switch key {
		case "format":
			f.Format = new(int)
			return other(v, f.Format)
		case "source":
			return text(v, &f.Source)
		case "flow":
			return text(v, &f.Flow)
		case "description":
			return text(v, &f.Description)
		case "policy":
			return text(v, &f.Policy)
		case "client":
			return text(v, &f.Client)
		case "recorded":
			f.Recorded = new(metaYAML)
			return v.Type() == ast.MappingType && yaml.NodeToValue(v, f.Recorded, yaml.Strict()) == nil
		case "hops":
			return sequence(v, func(n int) { f.Hops = make([]hopYAML, n) },
				func(i int, v ast.Node) bool { return f.Hops[i].read(v) })
		}
		return false
	})
}

func (h *hopYAML) read(n ast.Node) bool {
	return mapping(n, func(key string, v ast.Node) bool {
		switch key {
		case "name":
			return text(v, &h.Name)
		case "from":
			if v.Type() != ast.SequenceType {
				h.From = names{""}
				return text(v, &h.From[0])
			}
			return texts(v, (*[]string)(&h.From))
		case "to":
			return text(v, &h.To)
		case "request":
			h.Request = new(requestYAML)
			return h.Request.read(v)
		case "response":
			h.Response = new(responseYAML)
			return h.Response.read(v)
		}
		return false
	})
}

func (r *requestYAML) read(n ast.Node) bool {
	return mapping(n, func(key string, v ast.Node) bool {
		switch key {
		case "method":
			return text(v, &r.Method)
		case "path":
			return text(v, &r.Path)
		case "query":
			return textsByName(v, &r.Query)
		case "eventType":
			return text(v, &r.EventType)
		case "action":
			return text(v, &r.Action)
		case "formData":
			r.FormData = map[string]any{}
			return mapping(v, func(key string, v ast.Node) bool {
				if s, ok := v.(*ast.StringNode); ok {
					r.FormData[key] = s.Value
					return true
				}
				var value any
				defer func() { r.FormData[key] = value }()
				return other(v, &value)
			})
		case "continueToken":
			return text(v, &r.ContinueToken)
		case "platform":
			return text(v, &r.Platform)
		case "language":
			return text(v, &r.Language)
		case "session":
			return other(v, &r.Session)
		}
		return false
	})
}

func (r *responseYAML) read(n ast.Node) bool {
	return mapping(n, func(key string, v ast.Node) bool {
		switch key {
		case "status":
			return other(v, &r.Status)
		case "json":
			return text(v, &r.JSON)
		case "detailed":
			return text(v, &r.Detailed)
		case "html":
			return text(v, &r.HTML)
		case "headers":
			return textsByName(v, &r.Headers)
		case "cookies":
			return texts(v, &r.Cookies)
		}
		return false
	})
}

// mapping reads the values of a mapping.
func mapping(n ast.Node, read func(key string, v ast.Node) bool) bool {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return false
	}
	for _, kv := range m.Values {
		key, ok := kv.Key.(*ast.StringNode)
		if !ok || !read(key.Value, kv.Value) {
			return false
		}
	}
	return true
}

// sequence reads the entries of a sequence, after it has said how many there are.
func sequence(n ast.Node, size func(n int), read func(i int, v ast.Node) bool) bool {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return false
	}
	size(len(s.Values))
	for i, v := range s.Values {
		if !read(i, v) {
			return false
		}
	}
	return true
}

func textsByName(n ast.Node, into *map[string]string) bool {
	*into = map[string]string{}
	return mapping(n, func(key string, v ast.Node) bool {
		var s string
		ok := text(v, &s)
		(*into)[key] = s
		return ok
	})
}

func texts(n ast.Node, into *[]string) bool {
	return sequence(n, func(n int) { *into = make([]string, n) },
		func(i int, v ast.Node) bool { return text(v, &(*into)[i]) })
}

func text(n ast.Node, into *string) bool {
	if s, ok := n.(*ast.StringNode); ok {
		*into = s.Value
		return true
	}
	return other(n, into)
}

// other reads what is not a text as the library does.
func other(n ast.Node, into any) bool { return yaml.NodeToValue(n, into) == nil }
