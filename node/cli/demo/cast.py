# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is in the demo: three nodes, their members and what they talk about. All invented."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.profiles import Ask, Career, Education, Kind, Label
from node.profiles.rules import Details

PASSWORD = "tilleuls-et-marees"  # noqa: S105  # of people who do not exist, on a node that ends with the demo


@dataclass(frozen=True, slots=True)
class Person:
    """A sample member."""

    username: str
    name: str
    class_year: int
    about: str


@dataclass(frozen=True, slots=True)
class School:
    """A sample node: `key` is the first part of its domain."""

    key: str
    port: int
    name: str
    school: str
    description: str
    locale: str
    timezone: str
    people: tuple[Person, ...]
    chatter: tuple[str, ...]


TILLEULS = School(
    key="tilleuls",
    port=8101,
    name="Les Anciens de l'École des Tilleuls",
    school="École des Tilleuls",
    description="L'association des anciens élèves de l'École des Tilleuls, à Valbourg, depuis 1951.",
    locale="fr",
    timezone="Europe/Paris",
    people=(
        Person("claire", "Claire Aubertin", 1998, "Hydrologue. Je cherche encore la source du ruisseau de la cour."),
        Person("marcel", "Marcel Vidalin", 1976, "Promotion 1976, instituteur à la retraite, mémoire du réfectoire."),
        Person("josiane", "Josiane Perrot-Lagarde", 1979, "Libraire à Valbourg. Le club lecture se réunit chez moi."),
        Person("bernard", "Bernard Chastelain", 1982, "Menuisier, puis formateur. Trésorier de l'association."),
        Person("nadia", "Nadia Benhaddou", 1987, "Cardiologue. Marraine des élèves qui visent médecine."),
        Person("olivier", "Olivier Grandjean", 1990, "Éclairagiste de théâtre, toujours entre deux tournées."),
        Person("sylvie", "Sylvie Maurin", 1993, "Ingénieure ponts et chaussées. J'aime les vieilles arches."),
        Person("hugo", "Hugo Delmas", 2001, "Boulanger à Valbourg, rue des Tanneurs. Fournées à six heures."),
        Person("fatou", "Fatou Diarra", 2003, "Avocate en droit du travail. Permanence gratuite le jeudi."),
        Person("antoine", "Antoine Lescure", 2006, "Luthier d'occasion, informaticien de métier."),
        Person("mathilde", "Mathilde Roussel", 2009, "Vétérinaire de campagne. Surtout des brebis."),
        Person("samir", "Samir Kettani", 2012, "Cartographe. Je dessine la vallée, une feuille après l'autre."),
        Person("elodie", "Élodie Fabre", 2015, "Apicultrice et professeure de SVT au lycée voisin."),
        Person("noe", "Noé Castaing", 2019, "Étudiant en architecture, maquettes en carton."),
        Person("ines", "Inès Moreau", 2022, "Licence de japonais. Je cherche un stage pour l'été."),
        Person("tom", "Tom Giraudon", 2024, "Tout juste sorti. Conseils bienvenus !"),
    ),
    chatter=(
        "Qui se souvient du tilleul tombé pendant la tempête ? On en plante un nouveau samedi. #Tilleuls",
        "J'ai retrouvé le registre de la cantine de 1978 : purée le mardi, toujours.",
        "Le club lecture reprend jeudi chez Josiane, à 19 h. Apportez un livre que vous n'avez pas fini. #lecture",
        "Bonne nouvelle : la bourse d'entraide a trouvé ses deux parrains pour l'année.",
        "Une élève de terminale cherche à rencontrer une hydrologue. Je transmets !",
        "Photo de classe 1990 numérisée. Il manque trois noms au dernier rang, aidez-moi.",
        "La vallée sous la première gelée ce matin. On en oublierait le réveil.",
        "Le pont de pierre rouvre aux vélos lundi. #Valbourg",
    ),
)

HARBOUR = School(
    key="harbour",
    port=8102,
    name="Harbour Academy Alumni",
    school="Harbour Academy",
    description="Everyone who was ever late for the Port Ellery ferry and the first bell.",
    locale="en",
    timezone="Europe/London",
    people=(
        Person("amara", "Amara Okafor", 1999, "Marine engineer. I keep the Port Ellery ferries running."),
        Person("walter", "Walter Pryce", 1977, "Class of 77. Rang the harbour bell for thirty years."),
        Person("maureen", "Maureen Tully", 1981, "Midwife, now writing down all the stories."),
        Person("desmond", "Desmond Hale", 1984, "Chemistry teacher at the Academy. Yes, that one."),
        Person("priya", "Priya Raman", 1989, "Translator of patents by day and of poems by night."),
        Person("ben", "Ben Ashworth", 1994, "Boat builder. Clinker, never carvel."),
        Person("gwen", "Gwen Llewellyn", 1996, "Town planner. I will show you the old tram map."),
        Person("isaac", "Isaac Mensah", 2000, "Epidemiologist. Spreadsheets and long walks."),
        Person("tessa", "Tessa Whitlock", 2004, "Runs the harbour radio on Sunday mornings."),
        Person("callum", "Callum Reid", 2007, "Beekeeper and payroll clerk, in that order."),
        Person("yasmin", "Yasmin Farouk", 2010, "Structural biologist. Proteins are just very small origami."),
        Person("oscar", "Oscar Lindqvist", 2013, "Line cook, then chef, then line cook again. Happier."),
        Person("ruth", "Ruth Adeyemi", 2016, "Solicitor. Ask me about leases, at your own risk."),
        Person("finn", "Finn Gallagher", 2020, "Studying oceanography. Seasick all the same."),
        Person("molly", "Molly Sharpe", 2023, "First job! At the lighthouse museum."),
    ),
    chatter=(
        "The six o'clock ferry has a new horn and half the town is awake. #PortEllery",
        "Found my 1989 chemistry notes. The stain on page four is still active.",
        "Careers evening went well: eleven of us, forty pupils, no more biscuits.",
        "Low tide at noon on Sunday. The old slipway will show. Bring boots.",
        "Does anybody still have a key to the boathouse? Asking for the lock. #Academy",
        "Recorded Walter ringing the bell for the radio archive. One take, of course.",
        "Looking for someone who knows lime mortar. The sea wall is not going to repoint itself.",
        "Three classes, one table, no phones: best supper in years.",
    ),
)

RESEAU = School(
    key="reseau",
    port=8103,
    name="Réseau des Tilleuls",
    school="École des Tilleuls",
    description="Un réseau indépendant d'anciens des Tilleuls, partout où ils ont essaimé.",
    locale="fr",
    timezone="Europe/Paris",
    people=(
        Person("jules", "Jules Hennequin", 2005, "Développeur ; mes messages partent souvent d'un script."),
        Person("colette", "Colette Marchand", 1978, "Correspondante du réseau au Québec."),
        Person("raymond", "Raymond Sablier", 1983, "Horloger. À l'heure, donc jamais aux réunions."),
        Person("brigitte", "Brigitte Nerval", 1988, "Chercheuse en linguistique, trois langues et demie."),
        Person("karim", "Karim Haddad", 1995, "Restaurateur à Lisbonne. Une table pour chaque ancien."),
        Person("aurelie", "Aurélie Tissot", 2000, "Pilote de ligne. Je passe souvent au-dessus de chez vous."),
        Person("paulin", "Paulin Koffi", 2008, "Géologue à Abidjan."),
        Person("lea", "Léa Brunel", 2014, "Illustratrice. Carnets de voyage, voyages de carnet."),
        Person("adam", "Adam Zielinski", 2021, "Master d'énergie à Gdańsk."),
    ),
    chatter=(
        "Le réseau compte maintenant des anciens dans dix-sept pays. Qui ouvre l'Océanie ?",
        "Table des Tilleuls à Lisbonne le premier vendredi du mois, comme toujours. #Tilleuls",
        "Je survole Valbourg demain à 11 h. Faites signe depuis la cour !",
        "Nouvelle planche : le réfectoire vu par quelqu'un qui n'avait pas fini sa purée.",
        "Offre de stage en géologie à Abidjan, six mois, logement fourni. Écrivez-moi.",
    ),
)

SCHOOLS = (TILLEULS, HARBOUR, RESEAU)

REPLIES = {
    "fr": (
        "Tout à fait.",
        "Merci, je note !",
        "J'y serai, avec du pain.",
        "On en reparle à la réunion ?",
        "Quel souvenir…",
    ),
    "en": ("Count me in.", "Well said!", "I remember that.", "Let me ask around.", "Could you send me a picture?"),
}

LINES: Final[Mapping[str, tuple[tuple[Kind, Details], ...]]] = {
    "claire": (
        (
            Kind.CAREER,
            Career(employer="Agence du bassin de Valbourg", title="Hydrologue", city="Valbourg", country="FR"),
        ),
        (Kind.SKILL, Label(label="Hydrologie")),
    ),
    "hugo": (
        (Kind.CAREER, Career(employer="Boulangerie Delmas", title="Boulanger", city="Valbourg", since="2009-04")),
        (
            Kind.OFFER,
            Ask(text="Un apprentissage en boulangerie, dès septembre.", category="job", tags=("boulangerie",)),
        ),
    ),
    "fatou": (
        (Kind.CAREER, Career(employer="Cabinet Diarra", title="Avocate", sector="Droit du travail")),
        (Kind.OFFER, Ask(text="Une heure de conseil en droit du travail, le jeudi.", category="advice")),
    ),
    "ines": (
        (Kind.EDUCATION, Education(school="Université de Valbourg", subject="Japonais", status="student")),
        (Kind.SEEK, Ask(text="Un stage pour l'été, si possible au Japon.", category="internship", tags=("stage",))),
    ),
    "amara": (
        (
            Kind.CAREER,
            Career(employer="Port Ellery Ferries", title="Marine engineer", city="Port Ellery", since="2011-09"),
        ),
        (Kind.SKILL, Label(label="Diesel engines")),
    ),
    "ben": (
        (Kind.SKILL, Label(label="Boat building")),
        (Kind.SEEK, Ask(text="Two pairs of hands for a launch in April.", category="volunteering")),
    ),
    "finn": (
        (Kind.EDUCATION, Education(school="University of Port Ellery", subject="Oceanography", status="student")),
    ),
    "karim": ((Kind.CAREER, Career(employer="A Mesa", title="Restaurateur", city="Lisbonne", country="PT")),),
    "adam": ((Kind.EDUCATION, Education(school="Université de Gdańsk", degree="master", subject="Énergie")),),
}
"""What some of them say of themselves, to their school."""
