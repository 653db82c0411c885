using CustomerFunctions.Customers;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Customers;

public sealed class SearchTermsTests
{
    [Theory]
    [InlineData("ada")]
    [InlineData("ADA")]
    [InlineData("lovel")]
    [InlineData("analytical engines")]
    [InlineData("engines ada")]
    [InlineData("ada@example.com")]
    [InlineData("so\u0308hne")]
    [InlineData("söh")]
    [InlineData("sohne")]
    [InlineData("SÖHNE")]
    public void A_customer_is_found_by_the_beginnings_of_its_words(string query) =>
        SearchTerms.Of("Ada Lovelace", "Analytical Engines Söhne", "ada@example.com", "ada-lovelace").Should().Contain(SearchTerms.Asked(query));

    [Theory]
    [InlineData("da")]
    [InlineData("adalovelace")]
    [InlineData("ada turing")]
    public void Not_by_their_middles_nor_when_a_word_is_missing(string query) =>
        SearchTerms.Asked(query).Except(SearchTerms.Of("Ada Lovelace", null, "ada@example.com", "ada-lovelace")).Should().NotBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a b c")]
    [InlineData("!?")]
    public void A_query_without_a_word_of_two_letters_asks_for_nothing(string query) => SearchTerms.Asked(query).Should().BeEmpty();

    [Fact]
    public void Every_beginning_of_every_word_finds() => Generated.Check(
        from words in Gen.Elements("ada", "Söhne", "ΑΘΗΝΑ", "straße", "42", "中文字", "engineering").ArrayOf(4)
        from word in Gen.Elements(words)
        from length in Gen.Choose(SearchTerms.MinLength, word.Length)
        select (Name: string.Join(' ', words), Query: word[..length].ToUpperInvariant()),
        one => SearchTerms.Of(one.Name, null, "x@y.zz", "slug").Should().Contain(SearchTerms.Asked(one.Query)));

    [Fact]
    public void Terms_are_bounded_in_number_and_length_whatever_the_text() => Generated.Check(
        from name in Generated.Text(120) from company in Generated.Text(200) select (name, company),
        one =>
        {
            var terms = SearchTerms.Of(one.name, one.company, "ada@example.com", "slug");
            terms.Should().HaveCountLessThanOrEqualTo(160).And.OnlyHaveUniqueItems();
            terms.Should().OnlyContain(term => term.Length >= SearchTerms.Shortest(term) && term.Length <= SearchTerms.MaxLength);
            terms.Should().Contain(["ada", "example"], "the email finds its customer however long the other texts are");
        });

    [Fact]
    public void The_email_finds_its_customer_even_when_the_other_texts_fill_the_terms()
    {
        var words = string.Join(' ', Enumerable.Range(10, 12).Select(i => $"{i}abcdefghijklmnop"));
        SearchTerms.Of(words[..120], words[..200], "ada@example.com", "slug").Should().Contain(SearchTerms.Asked("ada@example.com"));
    }
}
