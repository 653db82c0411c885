using System.Text;
using System.Text.Json;

namespace LocalAzure.Cosmos.Indexing;

/// <summary>Reads the values at a fixed set of paths out of a document in one pass over its bytes.</summary>
internal sealed class PathExtractor
{
    private readonly Node root = new();
    private readonly List<string[]> paths = [];

    /// <summary>The slot in which the values at this path will be found.</summary>
    public int SlotOf(string[] path)
    {
        var known = paths.FindIndex(p => p.SequenceEqual(path));
        if (known >= 0) { return known; }
        var node = root;
        foreach (var step in path) { node = step == IndexedPath.Elements ? node.Elements ??= new Node() : node.Child(step); }
        node.Slot = paths.Count;
        paths.Add(path);
        return node.Slot;
    }

    /// <summary>For every slot the ordered bytes of its values: none where the path leads nowhere, several where it goes through an array.</summary>
    public List<byte[]>[] Extract(ReadOnlySpan<byte> document)
    {
        var values = new List<byte[]>[paths.Count];
        for (var i = 0; i < values.Length; i++) { values[i] = new List<byte[]>(1); }
        var reader = new Utf8JsonReader(document, new JsonReaderOptions { MaxDepth = DocumentIndexes.Deep.MaxDepth });
        reader.Read();
        Visit(ref reader, root, values, new OrderedBytes());
        return values;
    }

    private static void Visit(ref Utf8JsonReader reader, Node node, List<byte[]>[] values, OrderedBytes bytes)
    {
        if (node.Slot >= 0) { values[node.Slot].Add(Encode(reader, bytes.Clear())); }
        if (reader.TokenType == JsonTokenType.StartObject && node.HasChildren)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var child = node.Find(ref reader);
                reader.Read();
                if (child is null) { reader.Skip(); } else { Visit(ref reader, child, values, bytes); }
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray && node.Elements is { } elements)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) { Visit(ref reader, elements, values, bytes); }
        }
        else { reader.Skip(); }
    }

    /// <summary>The reader is a copy: reading a whole array or object here does not move the caller's.</summary>
    private static byte[] Encode(Utf8JsonReader reader, OrderedBytes bytes)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String when !reader.ValueIsEscaped: return bytes.AddUtf8(reader.ValueSpan).ToArray();
            case JsonTokenType.String: return bytes.Add(reader.GetString()!).ToArray();
            case JsonTokenType.Number: return bytes.Add(reader.GetDouble()).ToArray();
            default:
                using (var value = JsonDocument.ParseValue(ref reader)) { return bytes.Add(value.RootElement).ToArray(); }
        }
    }

    private sealed class Node
    {
        private readonly List<(byte[] Name, Node Node)> children = [];

        public int Slot { get; set; } = -1;
        public Node? Elements { get; set; }
        public bool HasChildren => children.Count > 0;

        public Node Child(string name)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            var known = children.FindIndex(c => c.Name.AsSpan().SequenceEqual(utf8));
            if (known >= 0) { return children[known].Node; }
            children.Add((utf8, new Node()));
            return children[^1].Node;
        }

        public Node? Find(ref Utf8JsonReader reader)
        {
            foreach (var (name, node) in children)
            {
                if (reader.ValueTextEquals(name)) { return node; }
            }
            return null;
        }
    }
}
