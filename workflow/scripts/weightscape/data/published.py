"""Data sets that torchvision reads: where their files lie, which parts they have, and what is known of them beforehand.

What is known of the published files, the number of images and the names of the classes, lets a study be planned before
they are downloaded. It is compared with the files once they are there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from weightscape.data.digits import DIGITS

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """A data set as torchvision's class of the same name reads it.

    Attributes
    ----------
    files
        Files and folders below ``root`` that hold it.
    train, test
        Arguments of the class for the training and the test images; those of several parts are put together.
    counts
        Number of images of the published files as `SourceFacts.counts`; empty where torchvision cannot download them,
        or their classes are not known beforehand.
    class_names
        Names of its classes where torchvision has none, or where they are known beforehand.
    renamed
        Whether `class_names` stand in place of torchvision's, such as "0 - zero", so that data sets of digits, or of
        letters, have classes of the same names.
    transposed
        Whether its images lie on their side.
    """

    files: tuple[str, ...]
    train: tuple[Arguments, ...]
    test: tuple[Arguments, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    renamed: bool = False
    transposed: bool = False


_BY_TRAIN: tuple[tuple[Arguments, ...], tuple[Arguments, ...]] = (({"train": True},), ({"train": False},))
_TRAIN_AND_TEST: tuple[tuple[Arguments, ...], tuple[Arguments, ...]] = (({"split": "train"},), ({"split": "test"},))
_VAL_TOO: tuple[tuple[Arguments, ...], tuple[Arguments, ...]] = (
    ({"split": "train"}, {"split": "val"}),
    ({"split": "test"},),
)
_TRAINVAL: tuple[tuple[Arguments, ...], tuple[Arguments, ...]] = (({"split": "trainval"},), ({"split": "test"},))


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _counts(train: int, test: int) -> dict[str, int]:
    return {"train": train, "test": test}


def _emnist(split: str, counts: Mapping[str, int], class_names: tuple[str, ...]) -> Published:
    train, test = ({"split": split, "train": True},), ({"split": split, "train": False},)
    return Published(("EMNIST",), train, test, counts, class_names, renamed=True, transposed=True)


_LETTERS = (*"abcdefghijklmnopqrstuvwxyz",)
_MERGED = (*DIGITS, *"ABCDEFGHIJKLMNOPQRSTUVWXYZ", *"abdefghnqrt")

PUBLISHED: dict[str, Published] = {
    "CIFAR10": Published(
        ("cifar-10-batches-py",), *_BY_TRAIN, _counts(50_000, 10_000),
        _names("airplane automobile bird cat deer dog frog horse ship truck"),
    ),
    "CIFAR100": Published(
        ("cifar-100-python",), *_BY_TRAIN, _counts(50_000, 10_000),
        _names(
            """apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel
            can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur
            dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion
            lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree
            pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea
            seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
            telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm"""
        ),
    ),
    "MNIST": Published(("MNIST",), *_BY_TRAIN, _counts(60_000, 10_000), DIGITS, renamed=True),
    "QMNIST": Published(("QMNIST",), *_BY_TRAIN, _counts(60_000, 60_000), DIGITS, renamed=True),
    "FashionMNIST": Published(
        ("FashionMNIST",), *_BY_TRAIN, _counts(60_000, 10_000),
        ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
    "KMNIST": Published(
        ("KMNIST",), *_BY_TRAIN, _counts(60_000, 10_000), _names("o ki su tsu na ha ma ya re wo")
    ),
    "EMNIST balanced": _emnist("balanced", _counts(112_800, 18_800), _MERGED),
    "EMNIST byclass": _emnist("byclass", _counts(697_932, 116_323), (*DIGITS, *map(str.upper, _LETTERS), *_LETTERS)),
    "EMNIST bymerge": _emnist("bymerge", _counts(697_932, 116_323), _MERGED),
    "EMNIST digits": _emnist("digits", _counts(240_000, 40_000), DIGITS),
    "EMNIST letters": _emnist("letters", _counts(124_800, 20_800), _LETTERS),
    "EMNIST mnist": _emnist("mnist", _counts(60_000, 10_000), DIGITS),
    "USPS": Published(("usps.bz2", "usps.t.bz2"), *_BY_TRAIN, _counts(7_291, 2_007), DIGITS),
    "SEMEION": Published(("semeion.data",), ({"download": False},), (), {"all": 1_593}, DIGITS),
    "SVHN": Published(
        ("train_32x32.mat", "test_32x32.mat"), *_TRAIN_AND_TEST, _counts(73_257, 26_032), DIGITS
    ),
    "STL10": Published(
        ("stl10_binary",), *_TRAIN_AND_TEST, _counts(5_000, 8_000),
        _names("airplane bird car cat deer dog horse monkey ship truck"),
    ),
    "GTSRB": Published(
        ("gtsrb",), *_TRAIN_AND_TEST, _counts(26_640, 12_630), tuple(f"{sign:02d}" for sign in range(43))
    ),
    "EuroSAT": Published(
        ("eurosat",), ({},), (), {"all": 27_000},
        _names(
            "AnnualCrop Forest HerbaceousVegetation Highway Industrial Pasture PermanentCrop Residential River SeaLake"
        ),
    ),
    "DTD": Published(
        ("dtd",), *_VAL_TOO, _counts(3_760, 1_880),
        _names(
            """banded blotchy braided bubbly bumpy chequered cobwebbed cracked crosshatched crystalline dotted fibrous
            flecked freckled frilly gauzy grid grooved honeycombed interlaced knitted lacelike lined marbled matted
            meshed paisley perforated pitted pleated polka-dotted porous potholed scaly smeared spiralled sprinkled
            stained stratified striped studded swirly veined waffled woven wrinkled zigzagged"""
        ),
    ),
    "OxfordIIITPet": Published(
        ("oxford-iiit-pet",), *_TRAINVAL, _counts(3_680, 3_669),
        tuple(
            name.replace("_", " ").title()
            for name in _names(
            """abyssinian american_bulldog american_pit_bull_terrier basset_hound beagle bengal birman bombay boxer
            british_shorthair chihuahua egyptian_mau english_cocker_spaniel english_setter german_shorthaired
            great_pyrenees havanese japanese_chin keeshond leonberger maine_coon miniature_pinscher newfoundland
            persian pomeranian pug ragdoll russian_blue saint_bernard samoyed scottish_terrier shiba_inu siamese
            sphynx staffordshire_bull_terrier wheaten_terrier yorkshire_terrier"""
            )
        ),
    ),
    "Food101": Published(
        ("food-101",), *_TRAIN_AND_TEST, _counts(75_750, 25_250),
        _names(
            """apple_pie baby_back_ribs baklava beef_carpaccio beef_tartare beet_salad beignets bibimbap bread_pudding
            breakfast_burrito bruschetta caesar_salad cannoli caprese_salad carrot_cake ceviche cheese_plate
            cheesecake chicken_curry chicken_quesadilla chicken_wings chocolate_cake chocolate_mousse churros
            clam_chowder club_sandwich crab_cakes creme_brulee croque_madame cup_cakes deviled_eggs donuts dumplings
            edamame eggs_benedict escargots falafel filet_mignon fish_and_chips foie_gras french_fries
            french_onion_soup french_toast fried_calamari fried_rice frozen_yogurt garlic_bread gnocchi greek_salad
            grilled_cheese_sandwich grilled_salmon guacamole gyoza hamburger hot_and_sour_soup hot_dog
            huevos_rancheros hummus ice_cream lasagna lobster_bisque lobster_roll_sandwich macaroni_and_cheese
            macarons miso_soup mussels nachos omelette onion_rings oysters pad_thai paella pancakes panna_cotta
            peking_duck pho pizza pork_chop poutine prime_rib pulled_pork_sandwich ramen ravioli red_velvet_cake
            risotto samosa sashimi scallops seaweed_salad shrimp_and_grits spaghetti_bolognese spaghetti_carbonara
            spring_rolls steak strawberry_shortcake sushi tacos takoyaki tiramisu tuna_tartare waffles"""
        ),
    ),
    "Imagenette": Published(
        ("imagenette2",), ({"split": "train"},), ({"split": "val"},), _counts(9_469, 3_925),
        ("tench", "English springer", "cassette player", "chain saw", "church", "French horn", "garbage truck",
         "gas pump", "golf ball", "parachute"),
    ),
    "RenderedSST2": Published(
        ("rendered-sst2",), *_VAL_TOO, _counts(7_792, 1_821), ("negative", "positive")
    ),
    # Their classes are read from their files.
    "Flowers102": Published(("flowers-102",), *_VAL_TOO),
    "StanfordCars": Published(("stanford_cars",), *_TRAIN_AND_TEST),
    "FGVCAircraft": Published(("fgvc-aircraft-2013b",), *_TRAINVAL),
    "Country211": Published(("country211",), ({"split": "train"}, {"split": "valid"}), ({"split": "test"},)),
    "Caltech101": Published(("caltech101/101_ObjectCategories",), ({},)),
    "Caltech256": Published(("caltech256/256_ObjectCategories",), ({},)),
}  # fmt: skip
"""By the name of torchvision's class; EMNIST, whose files hold six data sets, with the name of each."""
