using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Passwords that many people choose. Not a list taken from a leak but what such lists consist of: some hundred words, and what people do to them to please a rule (a capital, a digit, a
/// year, a sign, letters turned to look-alikes, twice the same), keyboard walks, runs and repetitions. See docs/decisions/0009-accounts-and-sign-in.md.
/// </summary>
internal static partial class CommonPasswords
{
    private const string Words = """
        password passwort passwd pass qwerty qwertz azerty letmein welcome willkommen admin administrator root login master dragon monkey sunshine princess football baseball basketball
        soccer hockey iloveyou ilove love lovely shadow superman batman spiderman trustno michael jordan jennifer jessica ashley daniel andrew joshua thomas robert matthew charlie george
        summer winter spring autumn sommer herbst fruhling hello hallo freedom whatever ninja mustang access starwars computer internet secret secure security changeme change default
        guest test testing tester demo user temp temporary server database system oracle mysql cisco router network monday tuesday wednesday thursday friday saturday sunday
        january february march april august september october november december januar februar marz juni juli oktober dezember london paris berlin munich hamburg newyork chicago
        america england germany france spain canada mexico brazil india china japan russia orange apple banana cherry cookie chocolate cheese coffee pepper ginger buster killer
        hunter ranger harley yankees cowboys eagles steelers lakers chelsea liverpool arsenal barcelona realmadrid juventus bayern google facebook twitter linkedin youtube amazon
        microsoft windows samsung android iphone pokemon pikachu naruto minecraft fortnite nintendo playstation xbox gaming player gamer matrix phoenix tigger snoopy maggie bailey
        cooper lucky angel angels heaven jesus christ church blessed faith family mother father brother sister daddy mommy baby babygirl sweetheart sweety honey sugar darling flower
        butterfly rainbow purple yellow green black white silver golden diamond crystal star stars thunder storm fire water ocean river mountain forest tiger lion wolf bear eagle
        falcon panther cobra viper horse pony kitty puppy doggy money dollar bank business company office manager customer service support sales account private public
        starten geheim schatz liebe engel blume katze hund fussball deutschland bonjour soleil amour motdepasse contrasena hola amigo ciao juventus senha welkom wachtwoord
        """;

    private static readonly string[] Walks =
        ["qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890", "0987654321", "qazwsxedcrfv", "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y7u8i", "abcdefghijklmnopqrstuvwxyz", "poiuytrewq", "lkjhgfdsa", "mnbvcxz", "147258369", "741852963", "zaq12wsxcde3", "!qaz2wsx"];

    private static readonly Lazy<FrozenSet<string>> Known = new(() => Words.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal));

    public static bool Contains(string password)
    {
        var text = password.ToLowerInvariant();
        return IsWalkOrRun(text) || IsRepetition(text) || IsDressedWord(text);
    }

    /// <summary>Keyboard walks in either direction, one or two behind each other, with digits or a sign after.</summary>
    private static bool IsWalkOrRun(string text)
    {
        var core = Trimmings().Replace(text, "");
        if (core.Length == 0) { core = text; }
        return IsWalk(text) || (core.Length >= 4 && IsWalk(core)) || Enumerable.Range(3, Math.Max(0, core.Length - 5)).Any(cut => IsWalk(core[..cut]) && IsWalk(core[cut..]));
    }

    private static bool IsWalk(string text) =>
        text.Length >= 3 && Walks.Any(walk => walk.Contains(text, StringComparison.Ordinal) || walk.Contains(new string([.. text.Reverse()]), StringComparison.Ordinal)
            || (walk + walk).Contains(text, StringComparison.Ordinal));

    /// <summary>The same one to four characters over and over, or one known word twice.</summary>
    private static bool IsRepetition(string text) =>
        Enumerable.Range(1, 4).Any(length => text.Length >= 2 * length && text.Select((c, i) => c == text[i % length]).All(same => same))
        || (text.Length % 2 == 0 && text[..(text.Length / 2)] == text[(text.Length / 2)..] && Known.Value.Contains(text[..(text.Length / 2)]));

    /// <summary>One or two known words, with up to six digits and signs on either side.</summary>
    private static bool IsDressedWord(string text)
    {
        var core = Trimmings().Replace(text, "");
        if (core.Length == 0) { return text.All(char.IsAsciiDigit) && text.Length <= 8; }
        if (text.Length - core.Length > 6) { return false; }
        return IsWords(core) || IsWords(Plain(core));
    }

    private static bool IsWords(string text) =>
        Known.Value.Contains(text) || (text.Length <= 12 && Enumerable.Range(3, Math.Max(0, text.Length - 5)).Any(cut => Known.Value.Contains(text[..cut]) && Known.Value.Contains(text[cut..])));

    /// <summary>Look-alikes as the letters they stand for.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => c switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', '@' => 'a', '$' => 's', '!' => 'i', _ => c }));

    [GeneratedRegex(@"^[^\p{L}]+|[^\p{L}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Trimmings();
}
