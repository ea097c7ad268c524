/// The words of which exercises are made.
enum Words {
  static let names = list(
    """
    Ann Ben Cara Dan Ella Finn Gina Hugo Ida Jack Kim Leo Mia Noah Olga Paul Rosa Sam Tina Udo Vera Will Zoe
    Amir Bela Carl Dora Emil Fay Greta Hans Iris Jonas Kira Lars Maya Nils Oscar Pia Ralf Sara Tom
    """)
  static let things = list(
    """
    apples books cards coins cups eggs flowers keys lamps nuts oranges pears pencils plates rings seeds
    shells ships spoons stamps stars stones toys trees
    """)
  static let objects = list(
    "key map book ball lamp cup ring hat coin letter pen rope bag bell clock stone flag drum box toy"
  )
  static let places = list(
    """
    garden kitchen school park shop office forest library station harbour market tower cellar yard
    """)
  static let colours = list("red blue green yellow black white brown orange pink grey")
  static let pets = list("cat dog bird fish horse mouse rabbit goat")
  static let words = list(
    """
    garden window river table bread water light stone paper music letter number summer winter animal
    bottle bridge butter button candle carpet castle cherry circle corner cotton desert dinner doctor
    dragon engine family farmer father finger flower forest friend glass grass heart honey horse house
    island jacket kettle ladder lemon market mirror mother mountain needle night ocean orange pencil
    people pepper pillow planet plate pocket potato rabbit rocket school shadow silver sister spider
    spoon spring square street sugar sunday thunder ticket tiger tomato towel tower train travel tree
    valley village violin wagon wheel white winner wolf wood world yellow zebra
    """)
  static let days = list("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")
  static let months = list(
    """
    January February March April May June July August September October November December
    """)
  static let planets = list("Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune")
  static let ordinals = list(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth")

  static let capitals = pairs(
    """
    France Paris, Italy Rome, Spain Madrid, Germany Berlin, Austria Vienna, Portugal Lisbon, Greece
    Athens, Poland Warsaw, Norway Oslo, Sweden Stockholm, Finland Helsinki, Denmark Copenhagen,
    Ireland Dublin, Hungary Budapest, Egypt Cairo, Kenya Nairobi, Japan Tokyo, China Beijing, Russia
    Moscow, Turkey Ankara, Canada Ottawa, Cuba Havana, Peru Lima, Chile Santiago, Iran Tehran, Iraq
    Baghdad, Nepal Kathmandu, Belgium Brussels, Bulgaria Sofia, Croatia Zagreb, Latvia Riga, Ghana
    Accra, Senegal Dakar, Thailand Bangkok, Ukraine Kyiv, Serbia Belgrade, Romania Bucharest
    """)
  static let young = pairs(
    """
    cat kitten, dog puppy, cow calf, horse foal, sheep lamb, goat kid, pig piglet, hen chick, duck
    duckling, goose gosling, bear cub, frog tadpole, deer fawn, swan cygnet, kangaroo joey, owl owlet
    """)
  static let opposites = pairs(
    """
    big small, hot cold, up down, old new, good bad, fast slow, high low, light dark, long short, open
    closed, full empty, hard soft, wet dry, early late, near far, rich poor, strong weak, thick thin,
    happy sad, loud quiet, clean dirty, cheap dear, deep shallow, first last, left right, in out, day
    night, love hate, begin end, win lose, push pull, give take, buy sell, come go, north south, east
    west, above below, before after, true false, young old, wide narrow, heavy light, sharp blunt
    """)
  static let kinds = pairs(
    """
    rose flower, oak tree, pine tree, apple fruit, pear fruit, carrot vegetable, onion vegetable, eagle
    bird, swift bird, salmon fish, shark fish, ant insect, bee insect, hammer tool, saw tool, violin
    instrument, drum instrument, gold metal, iron metal, chess game, tennis sport, red colour, coat
    garment, shirt garment, bread food, tea drink, chair furniture, table furniture, car vehicle, ship
    vehicle, Mars planet, Paris city, France country, Monday day, May month
    """)
  static let symbols = pairs(
    """
    hydrogen H, helium He, carbon C, nitrogen N, oxygen O, sodium Na, iron Fe, copper Cu, silver Ag, gold
    Au, lead Pb, zinc Zn, tin Sn, neon Ne, calcium Ca, potassium K, sulfur S, chlorine Cl, mercury Hg
    """)

  private static func list(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }

  private static func pairs(_ text: String) -> [(String, String)] {
    text.split(separator: ",").map { part in
      let words = list(String(part))
      return (words[0], words[1])
    }
  }
}
