using System.Text.Json.Serialization;
using LocalAzure.State;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests.State;

public sealed partial class JournalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string JournalPath => folder["journal"];

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_written_comes_back_in_order()
    {
        using (var journal = Open([])) { foreach (var word in new[] { "one", "two\n", "", "drei ü" }) { journal.Append(new Word(word)); } }

        Read().Should().Equal("one", "two\n", "", "drei ü");
    }

    [Fact]
    public void Any_cut_leaves_the_whole_lines_before_it()
    {
        using (var journal = Open([])) { foreach (var word in new[] { "one", "two", "three" }) { journal.Append(new Word(word)); } }
        var whole = File.ReadAllBytes(JournalPath);
        var ends = whole.Select((value, index) => (value, index)).Where(at => at.value == '\n').Select(at => at.index + 1).ToArray();

        for (var length = whole.Length; length >= 0; length--)
        {
            File.WriteAllBytes(JournalPath, whole[..length]);
            Read().Should().HaveCount(ends.Count(end => end <= length), "of {0} bytes", length);
        }
    }

    [Fact]
    public void Damage_before_the_last_line_is_an_error_that_names_the_line()
    {
        using (var journal = Open([])) { foreach (var word in new[] { "one", "two", "three" }) { journal.Append(new Word(word)); } }
        var lines = File.ReadAllLines(JournalPath);
        lines[1] = lines[1].Replace("two", "twx", StringComparison.Ordinal);
        File.WriteAllText(JournalPath, string.Join('\n', lines) + "\n");

        this.Invoking(test => test.Read()).Should().Throw<InvalidDataException>().WithMessage("*journal is damaged in line 2.");
    }

    [Fact]
    public void Replacing_puts_the_new_lines_in_place_of_all_others_and_writing_goes_on()
    {
        using (var journal = Open([]))
        {
            journal.Append(new Word("one"));
            journal.Append(new Word("two"));
            journal.Replace([new Word("both")]);
            journal.Append(new Word("three"));
            journal.Count.Should().Be(2);
        }

        Read().Should().Equal("both", "three");
        Directory.GetFiles(folder.Path, "*.new").Should().BeEmpty();
    }

    [Fact]
    public void The_file_is_readable_by_its_owner_only()
    {
        using var journal = Open([]);
        // On Windows the file carries an access list instead, which this test does not read.
        if (OperatingSystem.IsWindows()) { return; }

        File.GetUnixFileMode(JournalPath).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private List<string> Read()
    {
        var words = new List<string>();
        Open(words).Dispose();
        return words;
    }

    private Journal<Word> Open(List<string> words) => Journal<Word>.Open(JournalPath, WordJson.Default.Word, word => words.Add(word.Text));

    internal sealed record Word(string Text);

    [JsonSerializable(typeof(Word))]
    internal sealed partial class WordJson : JsonSerializerContext;
}
