package steps

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
)

// expand puts values in the place of ${user.ATTRIBUTE} and ${env.NAME}. What
// cannot be resolved is an error, never an empty string. $${ stands for ${.
func (w *World) expand(text string) (string, error) {
	if !strings.Contains(text, "${") {
		return text, nil
	}
	var out strings.Builder
	for {
		before, after, found := strings.Cut(text, "${")
		if !found {
			out.WriteString(text)
			return out.String(), nil
		}
		if literal, ok := strings.CutSuffix(before, "$"); ok {
			out.WriteString(literal + "${")
			text = after
			continue
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			return "", fmt.Errorf("${%s has no closing brace", name)
		}
		value, err := w.resolve(name)
		if err != nil {
			return "", err
		}
		out.WriteString(before + value)
		text = rest
	}
}

func (w *World) resolve(name string) (string, error) {
	if attribute, ok := strings.CutPrefix(name, "user."); ok {
		return w.attribute(attribute)
	}
	if variable, ok := strings.CutPrefix(name, "env."); ok {
		value, ok := w.target.Env(variable)
		if !ok || value == "" {
			return "", fmt.Errorf("${%s}: the environment variable %s is not set", name, variable)
		}
		w.redactor.Add(value)
		return value, nil
	}
	return "", fmt.Errorf("${%s} is unknown, want ${user.ATTRIBUTE} or ${env.NAME}", name)
}

func (w *World) attribute(name string) (string, error) {
	if w.user == nil {
		if err := w.chooseUser(DefaultUser); err != nil {
			return "", err
		}
	}
	value, ok := w.user.Lookup(name)
	if !ok {
		return "", fmt.Errorf("${user.%s}: the user %q has no such attribute, there are %s",
			name, w.userName, listed(w.user.Names()))
	}
	return value, nil
}

// unescape reads what stands between the quotes of a sentence, where \" is a
// quote and \\ a backslash.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	return escapes.Replace(text)
}

var escapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`)

// pairs calls f for each row of a table with the two columns. The values are
// expanded.
func (w *World) pairs(t *godog.Table, name, value string, f func(name, value string) error) error {
	return w.written(t, name, value, func(n, v string) error {
		n, err := w.expand(n)
		if err != nil {
			return err
		}
		v, err = w.expand(v)
		if err != nil {
			return err
		}
		return f(n, v)
	})
}

// written is pairs with the values as they were written.
func (w *World) written(t *godog.Table, name, value string, f func(name, value string) error) error {
	rows, err := table(t, []string{name, value})
	if err != nil {
		return err
	}
	for _, row := range rows {
		for _, column := range []string{name, value} {
			if _, ok := row[column]; !ok {
				return fmt.Errorf("the table has no column %q, want the columns %s and %s", column, name, value)
			}
		}
		if err := f(row[name], row[value]); err != nil {
			return err
		}
	}
	return nil
}

// rows reads a table with its values expanded.
func (w *World) rows(t *godog.Table, want []string) ([]map[string]string, error) {
	rows, err := table(t, want)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		for name, value := range row {
			if row[name], err = w.expand(value); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// table reads a table whose first row names its columns, each of which must
// be one of want.
func table(t *godog.Table, want []string) ([]map[string]string, error) {
	if len(t.Rows) < 2 {
		return nil, fmt.Errorf("the table has no rows, want a first row with the columns %s and a row for each value",
			strings.Join(want, ", "))
	}
	head := t.Rows[0].Cells
	for _, cell := range head {
		if !slices.Contains(want, cell.Value) {
			return nil, fmt.Errorf("the table has a column %q, want %s", cell.Value, strings.Join(want, ", "))
		}
	}
	var out []map[string]string
	for _, r := range t.Rows[1:] {
		row := make(map[string]string, len(head))
		for i, cell := range r.Cells {
			row[head[i].Value] = cell.Value
		}
		out = append(out, row)
	}
	return out, nil
}
