package main

import (
	_ "embed"
	"fmt"
	"os"
	"strings"

	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// definitions are those of the server itself: ../../protos/definitions.py writes them, and the tests there compare.
//
//go:embed definitions.binpb
var definitions []byte

var messages = registered(definitions)

func registered(set []byte) *protoregistry.Files {
	var files descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(set, &files); err != nil {
		panic(err)
	}
	registry, err := protodesc.NewFiles(&files)
	if err != nil {
		panic(err)
	}
	return registry
}

// message is what a file of the server says.
type message struct{ protoreflect.Message }

// readFile reads a file in the strict text format: a field that the message does not have is an error.
func readFile(path, name string) (message, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return message{}, err
	}
	return parse(string(content), name)
}

func parse(content, name string) (message, error) {
	descriptor, err := messages.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return message{}, err
	}
	read := dynamicpb.NewMessage(descriptor.(protoreflect.MessageDescriptor))
	if err := prototext.Unmarshal([]byte(content), read); err != nil {
		return message{}, fmt.Errorf("invalid protobuf file: %w", err)
	}
	return message{read}, nil
}

func (m message) field(name string) protoreflect.FieldDescriptor {
	field := m.Descriptor().Fields().ByName(protoreflect.Name(name))
	if field == nil {
		panic("no field " + name)
	}
	return field
}

// at follows the names of message fields.
func (m message) at(path string) message {
	for name := range strings.SplitSeq(path, ".") {
		m = message{m.Get(m.field(name)).Message()}
	}
	return m
}

func (m message) has(name string) bool { return m.Has(m.field(name)) }

func (m message) text(name string) string { return m.Get(m.field(name)).String() }

func (m message) truth(name string) bool { return m.Get(m.field(name)).Bool() }

func (m message) list(name string) protoreflect.List { return m.Get(m.field(name)).List() }

// number is a number in its wrapper, or what stands for it where there is none.
func (m message) number(name string, otherwise int64) int64 {
	if !m.has(name) {
		return otherwise
	}
	wrapper := m.at(name)
	return wrapper.Get(wrapper.field("value")).Int()
}
