using CustomerFunctions.Names;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Names;

public sealed class EmailAddressTests
{
    /// <summary>An address as it is given, and its key; null for what is no address.</summary>
    public static TheoryData<string, string?> Addresses => new()
    {
        { "ada@example.com", "ada@example.com" },
        { " Ada@Example.COM ", "ada@example.com" },
        { "o'neil+tag/x=y?#{}|~@example.com", "o'neil+tag/x=y?#{}|~@example.com" },
        { "é@example.com", "é@example.com" },
        { "e\u0301@example.com", "é@example.com" },
        { "É@example.com", "é@example.com" },
        { "a@müller.de", "a@xn--mller-kva.de" },
        { "a@mu\u0308ller.de", "a@xn--mller-kva.de" },
        { "a@MÜLLER.DE", "a@xn--mller-kva.de" },
        { "a@xn--mller-kva.de", "a@xn--mller-kva.de" },
        { "a@XN--MLLER-KVA.de", "a@xn--mller-kva.de" },
        { "a@faß.de", "a@xn--fa-hia.de" },
        { "a@βόλος.com", "a@xn--nxasmm1c.com" },
        { "a@例え.テスト", "a@xn--r8jz45g.xn--zckzah" },
        { "a@例え。テスト", "a@xn--r8jz45g.xn--zckzah" },
        { "a@ｅｘａｍｐｌｅ.com", "a@example.com" },
        { "\"quoted user\"@x.example", "\"quoted user\"@x.example" },
        { "\"Quoted User\"@x.example", "\"quoted user\"@x.example" },
        { "\"ada\"@x.example", "ada@x.example" },
        { "\"a.b\"@x.example", "a.b@x.example" },
        { "\"a..b\"@x.example", "\"a..b\"@x.example" },
        { "\"a\\d\\a\"@x.example", "ada@x.example" },
        { "\"a\\\"b\"@x.example", "\"a\\\"b\"@x.example" },
        { "\"a@b\"@x.example", "\"a@b\"@x.example" },
        { ".a@x.example", null },
        { "a.@x.example", null },
        { "a..b@x.example", null },
        { "\"\"@x.example", null },
        { "a b@x.example", null },
        { "a @x.example", null },
        { "a@ x.example", null },
        { "Ada <ada@x.example>", null },
        { "<ada@x.example>", null },
        { "(c)ada@x.example", null },
        { "ada(c)@x.example", null },
        { "a@b@x.example", null },
        { "a,b@x.example", null },
        { "a\u200db@x.example", null },
        { "\u202ea@x.example", null },
        { "\"a\tb\"@x.example", null },
        { "a@x", null },
        { "a@x.example.", null },
        { "a@x..example", null },
        { "a@-x.example", null },
        { "a@x_y.example", null },
        { "a@[127.0.0.1]", null },
        { "a@[IPv6:::1]", null },
        { "a@x.e", null },
        { "a@☃.net", null },
        { "a@xn--zzzzzz.de", null },
        { "a@xn--mller-2pa.de", null },
        { "a@xn--ada-.de", null },
        { "a@\u0301a.de", null },
        { "a@\ufb01x.de", null },
        { "a@ab--ü.de", null },
        { "@x.example", null },
        { "a@", null },
        { "", null },
    };

    [Theory]
    [MemberData(nameof(Addresses))]
    public void An_address_has_one_key(string given, string? key)
    {
        EmailAddress.TryRead(given, out var read).Should().Be(key is not null);

        if (key is null) { return; }
        read.Should().Be(key);
        EmailAddress.Key(key).Should().Be(key, "a key is its own");
    }

    [Fact]
    public void Half_a_surrogate_pair_is_in_no_address() => EmailAddress.TryRead("a" + (char)0xD800 + "@x.example", out _).Should().BeFalse();

    [Fact]
    public void The_key_of_an_ordinary_address_is_the_lower_case_that_it_always_was() => Generated.Check(
        from local in Gen.Elements("Ada", "ada.lovelace", "A+b", "x_y-z", "1/2", "o'neil").ArrayOf(3)
        from host in Gen.Elements("Example", "x-1", "mail2").ArrayOf(2)
        select $"{string.Join('.', local)}@{string.Join('.', host)}.COM",
        address => EmailAddress.Key($" {address} ").Should().Be(address.ToLowerInvariant()));

    [Fact]
    public void Any_text_is_read_without_an_exception_and_a_key_is_stable() => Generated.Check(
        from local in Generated.Text(20)
        from host in Generated.Text(20)
        from form in Gen.Elements("{0}@{1}", "\"{0}\"@{1}.de", "{0}@x.de", "a@xn--{1}.de", "{0} <a@{1}>")
        select form.Replace("{0}", local, StringComparison.Ordinal).Replace("{1}", host, StringComparison.Ordinal),
        text => { if (EmailAddress.TryRead(text, out var key)) { EmailAddress.Key(key).Should().Be(key); } });
}
